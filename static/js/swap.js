// Puts HTML of the server into the page by htmx's own swap, the only code that the page's Trusted
// Types policy lets parse HTML. The HTML holds no hx- attribute.
import { tick } from "./times.js";

export async function swapHtml(target, html, style = "innerHTML") {
  await window.htmx.swap({ target, text: html, swap: style, sourceElement: target, hx: {} });
  tick(document);
}
