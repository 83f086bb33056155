// Single keys (R74). Off while typing, while an input method composes, and when the viewer wishes so.
// An element with data-key="l" is used by that key; data-go="p" by g then p.
const CHORD_MS = 1200;
const bound = new Map();
let chordUntil = 0;

export function bindKey(key, action) {
  bound.set(key, action);
}

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function use(selector) {
  const visible = [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length);
  // What is selected comes before the page it is on.
  const element = visible.find((one) => one.closest("[data-key-first]")) ?? visible[0];
  if (!element) return false;
  element.click();
  return true;
}

function press(key) {
  if (performance.now() < chordUntil) {
    chordUntil = 0;
    return use(`[data-go="${CSS.escape(key)}"]`);
  }
  if (key === "g") {
    chordUntil = performance.now() + CHORD_MS;
    return true;
  }
  if (key === "?") {
    document.getElementById("keys")?.showModal();
    return true;
  }
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    search?.focus();
    search?.select();
    return Boolean(search);
  }
  const action = bound.get(key);
  if (action) {
    action();
    return true;
  }
  return use(`[data-key="${CSS.escape(key)}"]`);
}

// Left to itself the browser empties a search field without an `input` event when the focus goes as well:
// the list would stay filtered by what nobody sees any more.
function leave(event) {
  const field = event.target;
  if (field.type === "search" && field.value) {
    event.preventDefault();
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.blur();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (event.isComposing) return; // it takes back what is being composed
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    if (isTyping(event.target)) leave(event);
    return;
  }
  const off = document.body.dataset.keys === "off" || document.querySelector("dialog[open]");
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (off || modified || event.isComposing || event.repeat || isTyping(event.target)) return;
  if (event.key.length === 1 && press(event.key)) event.preventDefault();
});

document.querySelector("[data-help]")?.addEventListener("click", (event) => {
  const dialog = document.getElementById("keys");
  if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  dialog.showModal();
});
