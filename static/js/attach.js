// Review: a form sends once and says so. Change page: follows the change over a socket.
import { announce, toast } from "./announce.js";
import { bindKey } from "./keys.js";
import { openSocket } from "./socket.js";
import { swapHtml } from "./swap.js";

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[data-busy]");
    // Disabled after the form has been read: a disabled button is not sent.
    setTimeout(() => {
      button.disabled = true;
      button.textContent = button.dataset.busy;
    });
  });
}
// Back from the change page shows the form again: it works again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The search stands in the address: a copied link gives the same list.
document.querySelector("#workload-search")?.addEventListener("input", (event) => {
  const address = new URL(location.href);
  address.searchParams.set("q", event.target.value);
  history.replaceState(history.state, "", address);
});

// j and k walk the rows of a list by their links.
if (document.querySelector("[data-list]")) {
  for (const [key, step] of [["j", 1], ["k", -1]]) {
    bindKey(key, () => {
      const links = [...document.querySelectorAll("[data-list] tbody a.link")];
      const at = links.indexOf(document.activeElement);
      links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
    });
  }
}

// Without these words a change whose dashboard has gone seems to run on: its clock ticks.
const LOST = { waiting: "lost", closed: "closed" };
const page = document.querySelector("[data-change]");
if (page?.dataset.change) follow(page);

function follow(page) {
  let said = "";
  let frames = Promise.resolve();

  async function show(frame) {
    if (frame.type === "notice") {
      toast(frame.sentence);
      return;
    }
    if (frame.type !== "change") return;
    await swapHtml(page.querySelector("#live"), frame.html, "outerMorph");
    document.title = page.dataset.context ? `${frame.title} · ${page.dataset.context}` : frame.title;
    if (frame.say !== said) announce(frame.say);
    said = frame.say;
    if (frame.result !== "running") ended(page, frame);
  }

  openSocket(page.dataset.change, {
    hello: () => ({}),
    // One after the other: an earlier frame must not be swapped in over the last one.
    onFrame: (frame) => {
      frames = frames.then(() => show(frame)).catch(reportError);
    },
    onState: (state, detail) => {
      if (state !== "connecting") sayLost(page, detail.code === 1000 ? "" : page.dataset[LOST[state]]);
    },
  });
}

function sayLost(page, words = "") {
  const badge = document.getElementById("change-lost");
  badge.hidden = !words;
  badge.textContent = words;
  page.querySelector("#live").classList.toggle("stale", Boolean(words));
  if (words) announce(words);
}

// Undo stays within reach wherever the viewer looks (R46).
function ended(page, frame) {
  const undo = page.querySelector("#to-undo");
  toast(frame.title, undo ? { href: undo.href, label: undo.textContent.trim() } : {});
}
