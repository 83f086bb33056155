// Shows that a look has begun, and that the button works once. The pod page morphs its forms in:
// one listener on the document serves them all.
import { announce } from "./announce.js";

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-observe]")) return;
  const button = event.target.querySelector("button[data-busy]");
  announce(button.dataset.busy);
  // Disabled after the form has been read: a disabled button is not sent.
  setTimeout(() => {
    button.disabled = true;
    button.textContent = button.dataset.busy;
  });
});
// Back shows the page again: it works again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
