// The keys of a log page (R74). Ctrl/Cmd+F opens the page's own search, which looks through the whole
// buffer; pressed once more there, the browser's own opens.
import { bindKey } from "../keys.js";
import { rangeAddress } from "./range.js";

function use(selector) {
  const element = document.querySelector(selector);
  if (element && !element.hidden) element.click();
}

export function bindKeys({ search, step, chosen, toggleWrap, cycleTimes, toggleFollow, toggleFull, mark, clear }) {
  const keys = {
    s: toggleFollow, w: toggleWrap, t: cycleTimes, f: toggleFull, m: mark, C: clear,
    n: () => step(1), N: () => step(-1), j: () => chosen.step(1, false), k: () => chosen.step(-1, false),
    p: () => use("[data-previous]"), a: () => use("[data-all]"),
  };
  for (const [key, action] of Object.entries(keys)) bindKey(key, action);
  for (const key of "0123456") bindKey(key, () => location.assign(rangeAddress(Number(key))));
  document.addEventListener("keydown", (event) => intercept(event, search), { capture: true });
  document.addEventListener("keydown", (event) => event.key === "Escape" && chosen.active >= 0 && chosen.clear());
}

function intercept(event, search) {
  const isFind = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "f";
  if (isFind && document.activeElement !== search.field) {
    event.preventDefault();
    search.focus();
    return;
  }
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  const isOff = document.body.dataset.keys === "off" || document.querySelector("dialog[open]");
  if (event.key !== "/" || isTyping || isOff || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation(); // the search of pods has this key elsewhere
  search.focus();
}
