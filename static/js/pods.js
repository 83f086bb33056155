// The pods list, live. The server says which rows there are, in order, and sends those that changed;
// rows keep their element, so focus and scroll stay. Typing in the search field asks over the socket.
import { announce } from "./announce.js";
import { bindKey } from "./keys.js";
import { openSocket } from "./socket.js";
import { swapHtml } from "./swap.js";

const TYPING_MS = 150;
const region = document.getElementById("pods");
const body = document.getElementById("pods-rows");
const incoming = document.getElementById("pods-incoming");
const search = document.querySelector("[data-search]");
let frames = Promise.resolve();

const rows = () => [...body.children];

const socket = openSocket(region.dataset.socket, {
  hello: () => ({
    query: location.search,
    rows: Object.fromEntries(rows().map((row) => [row.dataset.uid, row.dataset.version])),
  }),
  onFrame: (frame) => {
    if (frame.type === "rows") frames = frames.then(() => show(frame));
  },
  onState: (state) => {
    const words = { waiting: region.dataset.lost, closed: region.dataset.closed }[state];
    region.classList.toggle("stale", Boolean(words));
    if (words) {
      const badge = document.createElement("span");
      badge.className = "live badge badge-warn";
      badge.dataset.phase = "lost";
      badge.textContent = words;
      document.getElementById("pods-state").replaceChildren(badge);
    }
  },
});

async function show(frame) {
  const focused = body.contains(document.activeElement) && document.activeElement.closest("tr")?.id;
  const isFirst = !body.children.length;
  if (frame.html) await swapHtml(incoming, frame.html);
  for (const row of [...incoming.children]) {
    const old = document.getElementById(row.id);
    if (old && old.parentElement === body) old.replaceWith(row);
    else {
      if (!isFirst) row.classList.add("is-new");
      body.append(row);
    }
  }
  arrange(frame.order);
  for (const [name, html] of Object.entries(frame.regions)) {
    await swapHtml(document.getElementById(`pods-${name}`), html);
  }
  if (frame.regions.state) {
    const phase = document.querySelector("#pods-state [data-phase]");
    region.classList.toggle("stale", phase?.dataset.phase === "stale");
    announce(phase?.textContent.trim() ?? "");
  }
  if (focused) document.getElementById(focused)?.querySelector("a")?.focus({ preventScroll: true });
}

// Only rows that stand elsewhere are moved.
function arrange(order) {
  const wanted = new Set(order);
  for (const row of rows()) if (!wanted.has(row.dataset.uid)) row.remove();
  let place = body.firstElementChild;
  for (const uid of order) {
    const row = document.getElementById(`pod-${uid}`);
    if (!row) continue;
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
}

// What the page asks for is its address: a copied link shows the same.
function ask(query, { replace = false } = {}) {
  if (query === location.search) return;
  if (replace) history.replaceState(null, "", query);
  else history.pushState(null, "", query);
  socket.send({ query });
}

let typing = 0;
search?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const params = new URLSearchParams(location.search);
    params.delete("page");
    if (search.value.trim()) params.set("q", search.value.trim());
    else params.delete("q");
    ask(`?${params}`, { replace: true });
  }, TYPING_MS);
});
search?.form.addEventListener("submit", (event) => {
  event.preventDefault();
  body.querySelector("a")?.focus();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#pods-head a, #pods-foot a[href^='?'], #pods-summary a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  ask(link.getAttribute("href"));
  if (search) search.value = new URLSearchParams(location.search).get("q") ?? "";
});
addEventListener("popstate", () => {
  if (search) search.value = new URLSearchParams(location.search).get("q") ?? "";
  socket.send({ query: location.search });
});

function step(by) {
  const links = [...body.querySelectorAll("th a")];
  const at = links.indexOf(document.activeElement?.closest("tr")?.querySelector("th a"));
  links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

bindKey("j", () => step(1));
bindKey("k", () => step(-1));
bindKey("c", () => {
  const row = document.activeElement?.closest("tr[data-pod]");
  if (row) navigator.clipboard?.writeText(row.dataset.pod.split("/")[1]);
});
for (const [key, column] of Object.entries({ N: "name", S: "status", A: "age", R: "restarts" })) {
  bindKey(key, () => document.querySelector(`#pods-head a[data-sort="${column}"]`)?.click());
}
