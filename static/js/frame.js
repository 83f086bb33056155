// What every page has: keys, copy buttons, ticking times, dismissable alerts.
import "./keys.js";
import "./copy.js";
import "./times.js";
import { wireAlerts } from "./alerts.js";

wireAlerts();
