// The pod diagram: what is hovered or focused shows its neighbours, a click or Enter pins it. The
// server draws the same from ?sel=, so without this script every element is a plain link.
import { bindKey } from "./keys.js";

const STAGE = "[data-diagram]";
let wanted = "";
let loading = false;

const stages = () => document.querySelectorAll(STAGE);
const selection = () => new URLSearchParams(location.search).get("sel") ?? "";

function partsOf(element) {
  return element.dataset.part?.split(" ") ?? [element.id];
}

function light(svg, id, pinned) {
  const source = id ? svg.querySelector(`#${CSS.escape(id)}`) : null;
  const related = new Set(source?.dataset.rel?.split(" "));
  svg.classList.toggle("hot", Boolean(source));
  svg.classList.toggle("pinned", Boolean(source) && pinned);
  for (const element of svg.querySelectorAll(".el, [data-part]")) {
    element.classList.toggle(
      "on",
      partsOf(element).some((part) => related.has(part)),
    );
  }
  for (const element of svg.querySelectorAll("[aria-current]")) element.removeAttribute("aria-current");
  if (pinned) source?.setAttribute("aria-current", "true");
}

// A row of a card stands for its mount, everything else for its own link: also the row that stands
// for several mounts.
function idAt(target) {
  const part = target.closest(".row[data-part]")?.dataset.part;
  return part && !part.includes(" ") ? part : (target.closest(".el[id]")?.id ?? "");
}

function svgOf(target) {
  return target instanceof Element ? target.closest(`${STAGE} svg.topo`) : null;
}

function preview(event) {
  const svg = svgOf(event.target);
  if (svg && !selection()) light(svg, idAt(event.target), false);
}

function leave(event) {
  const svg = svgOf(event.target);
  if (svg && !selection() && svgOf(event.relatedTarget) !== svg) light(svg, "", false);
}

function redraw() {
  const id = selection();
  for (const stage of stages()) {
    const svg = stage.querySelector("svg.topo");
    // What the server folded has no element of its own: its drawing stays.
    if (svg && (!id || svg.querySelector(`#${CSS.escape(id)}`))) light(svg, id, true);
  }
}

async function readInspector(selector) {
  wanted = location.href;
  if (loading) return;
  loading = true;
  while (wanted) {
    const address = wanted;
    wanted = "";
    try {
      await window.htmx.ajax("GET", address, { target: selector, select: selector, swap: "outerMorph" });
    } catch {
      // The picture is right all the same; the panel keeps what it says.
    }
  }
  loading = false;
}

function go(address, stage) {
  if (!window.htmx) {
    location.assign(address);
    return;
  }
  history.pushState({ diagram: true }, "", address);
  redraw();
  if (stage.dataset.inspector) readInspector(stage.dataset.inspector);
}

function clearedAddress() {
  const address = new URL(location.href);
  address.searchParams.delete("sel");
  return address.href;
}

// Whether the rail's label, moved there, would lie under a wire.
function meetsWire(svg, box, dx) {
  return [...svg.querySelectorAll(".k-call > .wire")].some((wire) => {
    const own = wire.getBBox();
    const isBeside = own.x > box.x + dx + box.width || own.x + own.width < box.x + dx;
    return !isBeside && own.y > box.y && own.y < box.y + box.height;
  });
}

// Names of volumes move with the left edge, the rail's label with the right one.
function keepInSight(stage) {
  const svg = stage.querySelector("svg.topo");
  if (!svg) return;
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const hidden = { left: stage.scrollLeft / scale, right: 0 };
  hidden.right = svg.viewBox.baseVal.width - (stage.scrollLeft + stage.clientWidth) / scale;
  for (const group of svg.querySelectorAll(".stick")) {
    const box = group.getBBox();
    const isTank = group.closest(".k-tank");
    const margin = 4;
    const wish = isTank
      ? Math.max(0, hidden.left + margin - box.x)
      : Math.min(0, svg.viewBox.baseVal.width - hidden.right - margin - box.x - box.width);
    let dx = isTank && hidden.left < margin ? 0 : wish;
    if (!isTank && meetsWire(svg, box, dx)) dx = 0;
    group.classList.toggle("moved", dx !== 0);
    if (dx) group.setAttribute("transform", `translate(${dx.toFixed(1)} 0)`);
    else group.removeAttribute("transform");
  }
}

const keepAllInSight = () => stages().forEach(keepInSight);
document.addEventListener(
  "scroll",
  (event) => {
    if (event.target instanceof Element && event.target.matches(STAGE)) keepInSight(event.target);
  },
  { capture: true, passive: true },
);
addEventListener("resize", keepAllInSight);
document.addEventListener("diagram:drawn", keepAllInSight);
keepAllInSight();

document.addEventListener("pointerover", preview);
document.addEventListener("pointerout", leave);
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(":focus-visible")) preview(event);
});
document.addEventListener("focusout", leave);

document.addEventListener("click", (event) => {
  const svg = svgOf(event.target);
  if (!svg || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const stage = svg.closest(STAGE);
  const id = idAt(event.target);
  const link = id ? svg.querySelector(`#${CSS.escape(id)}`) : null;
  if (link) event.preventDefault();
  // A drag over a name selects text; it is no click.
  if (!getSelection().isCollapsed && svg.contains(getSelection().anchorNode)) return;
  if (link && id !== selection()) go(new URL(link.getAttribute("href"), location.href).href, stage);
  else if (selection()) go(clearedAddress(), stage);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  const stage = document.querySelector(STAGE);
  if (event.key === "Escape" && stage && !typing && selection()) go(clearedAddress(), stage);
});

addEventListener("popstate", () => {
  redraw();
  const stage = document.querySelector(STAGE);
  if (stage?.dataset.inspector) readInspector(stage.dataset.inspector);
});

// The page announces that it has drawn the picture anew.
document.addEventListener("diagram:drawn", redraw);

const isDrawn = () => Boolean(document.querySelector(".as-diagram")?.getClientRects().length);

bindKey("t", () => {
  if (isDrawn()) document.querySelector(STAGE).scrollIntoView({ block: "nearest" });
  else document.querySelector(".to-diagram")?.click();
});

bindKey("v", () => document.querySelector(isDrawn() ? ".to-table" : ".to-diagram")?.click());

// The server does not know which theme "system" is; the file gets the one that is seen.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-themed]") : null;
  if (!link) return;
  const address = new URL(link.href);
  address.searchParams.set("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  link.href = address.href;
});
