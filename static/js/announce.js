// Words for a screen reader, and toasts for everyone. Texts come from the caller's template.
const TOAST_MS = 8000;

export function announce(text) {
  const region = document.getElementById("announcer");
  region.textContent = "";
  // The same text twice is announced only if the region was empty in between.
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

export function toast(text, { href = "", label = "" } = {}) {
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  if (href) {
    const link = document.createElement("a");
    link.className = "link";
    link.href = href;
    link.textContent = label;
    box.append(link);
  }
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), TOAST_MS);
}
