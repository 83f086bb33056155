// What every page has: keys, copy buttons, ticking times, dismissable alerts.
import "./keys.js";
import "./copy.js";
import "./times.js";
import { wireAlerts } from "./alerts.js";

wireAlerts();

// Theme and language come back to what is shown now, not to what was loaded.
for (const field of document.querySelectorAll(".top-end input[name=next]")) {
  field.form.addEventListener("formdata", (event) => event.formData.set("next", location.pathname + location.search));
}
