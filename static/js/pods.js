// The pods list, live. The server says which rows there are, in order, and sends those that changed;
// rows keep their element, so focus and scroll stay. Typing in the search field asks over the socket.
import { announce } from "./announce.js";
import { copyText } from "./copy.js";
import { bindKey } from "./keys.js";
import { openSocket } from "./socket.js";
import { swapHtml } from "./swap.js";

const TYPING_MS = 150;
const region = document.getElementById("pods");
const body = document.getElementById("pods-rows");
const incoming = document.getElementById("pods-incoming");
const search = document.querySelector("[data-search]");
let frames = Promise.resolve();
let trouble = "";

const rows = () => [...body.children];

const socket = openSocket(region.dataset.socket, {
  hello: () => ({
    query: location.search,
    rows: Object.fromEntries(rows().map((row) => [row.dataset.uid, row.dataset.version])),
  }),
  onFrame: (frame) => {
    if (frame.type === "notice") trouble = frame.sentence;
    // One frame that cannot be shown must not keep the later ones away.
    if (frame.type === "rows") frames = frames.then(() => show(frame)).catch(reportError);
  },
  onState: (state) => {
    const words = { waiting: trouble || region.dataset.lost, closed: region.dataset.closed }[state];
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

// What is put in anew loses the focus: it goes back to the link that does the same.
function keepFocus() {
  const link = document.activeElement?.closest("#pods a");
  const row = body.contains(link) && link.closest("tr")?.id;
  if (row) return () => document.getElementById(row)?.querySelector("a");
  if (link?.dataset.sort) return () => document.querySelector(`#pods-head a[data-sort="${link.dataset.sort}"]`);
  if (link?.rel) return () => document.querySelector(`#pods-foot a[rel="${link.rel}"]`) ?? body.querySelector("a");
  return () => (link && !link.isConnected ? search : null);
}

async function show(frame) {
  trouble = "";
  const focused = keepFocus();
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
    region.classList.toggle("stale", ["stale", "failed"].includes(phase?.dataset.phase));
    announce(phase?.textContent.trim() ?? "");
  }
  focused()?.focus({ preventScroll: true });
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

const namespacesOf = (query) => new URLSearchParams(query).getAll("ns").sort().join();

// What the page asks for is its address: a copied link shows the same.
function ask(query, { replace = false } = {}) {
  if (query === location.search) return;
  // Other namespaces are another page: its menu and its command differ too.
  if (namespacesOf(query) !== namespacesOf(location.search)) {
    location.assign(query);
    return;
  }
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

// The namespaces' form keeps what was typed and sorted since the page was loaded.
document.querySelector("#namespaces form")?.addEventListener("formdata", (event) => {
  const params = new URLSearchParams(location.search);
  for (const name of ["q", "sort"]) event.formData.set(name, params.get(name) ?? "");
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#pods-head a, #pods-foot a[href^='?'], #pods-summary a[href^='?']");
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
const focusedRow = () => document.activeElement?.closest("tr[data-pod]");

bindKey("l", () => {
  const row = focusedRow();
  if (row) location.assign(`${region.dataset.logs}?src=pods/${row.dataset.pod}`);
});
bindKey("p", () => focusedRow()?.querySelector(".c-restarts a")?.click());
bindKey("c", () => {
  const row = focusedRow();
  if (!row) return;
  const name = row.dataset.pod.split("/")[1];
  copyText(name, region.dataset.copied.replace("{}", name));
});
for (const [key, column] of Object.entries({ N: "name", S: "status", A: "age", R: "restarts" })) {
  bindKey(key, () => document.querySelector(`#pods-head a[data-sort="${column}"]`)?.click());
}
