// What can only be measured on the page.
const INLINE_CHARS = 16; // letter and time, where the text runs on below them
const EDGES_PX = 19;

// How far down the page the panel begins: on a phone its end must be above the navigation.
export function fitPanel(panel) {
  const fit = () => {
    if (document.documentElement.classList.contains("log-full")) return;
    panel.style.setProperty("--log-top", `${Math.ceil(panel.getBoundingClientRect().top + scrollY)}px`);
  };
  fit();
  addEventListener("resize", fit);
}

// A notice begins elsewhere: it may have no time.
const isLine = (row) => !row.classList.contains("notice");

export const hasLine = (list) => list.rows.some(isLine);

// How high a row is and how many characters fit on it, for the estimates of rows that nobody has seen; and
// where the text begins, for the head of the columns. True when the estimates are others now.
export function measureText({ painter, rows, scroller, head, width }, probe) {
  const box = probe.getBoundingClientRect(); // of ten characters
  const text = rows.find(isLine)?.parts.text;
  const isInline = Boolean(text) && getComputedStyle(text).display === "inline";
  const start = scroller.getBoundingClientRect().left - scroller.scrollLeft;
  const left = text ? text.getBoundingClientRect().left - start : 200;
  const before = `${painter.rowHeight} ${painter.indent} ${painter.perLine}`;
  painter.rowHeight = Math.max(1, Math.round(box.height));
  painter.indent = isInline ? INLINE_CHARS : 0;
  painter.perLine = Math.max(8, Math.floor((width - (isInline ? 0 : left) - EDGES_PX) / (box.width / 10)));
  head.style.paddingInlineStart = `${isInline ? 10 : Math.round(left)}px`;
  return before !== `${painter.rowHeight} ${painter.indent} ${painter.perLine}`;
}
