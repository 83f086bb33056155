// Copy buttons: <button data-copy="text" data-copied="sentence to announce">.
import { announce, toast } from "./announce.js";

export async function copyText(text, said) {
  await navigator.clipboard.writeText(text);
  say(said);
}

// In place of what the browser would copy at this `copy` event.
export function copyInstead(event, text, said) {
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
  say(said);
}

function say(said) {
  toast(said);
  announce(said);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  event.preventDefault();
  copyText(button.dataset.copy, button.dataset.copied ?? "");
});
