// Keeps an open pod page true: when the pod changes, the same address is read again and its live part
// is morphed in, so that focus, scroll and selection stay.
import { announce } from "./announce.js";
import { bindKey } from "./keys.js";
import { openSocket } from "./socket.js";
import { swapHtml } from "./swap.js";

const page = document.getElementById("pod");
const live = () => document.getElementById("pod-live");
let stateHtml = "";
let pending = false;
let running = false;

async function refresh() {
  pending = true;
  if (running) return;
  running = true;
  while (pending) {
    pending = false;
    try {
      await window.htmx.ajax("GET", location.href, {
        target: "#pod-live", select: "#pod-live", swap: "outerMorph",
      });
    } catch {
      // The socket's state says what is wrong; the page stays as it was.
    }
    await showState();
  }
  running = false;
  document.dispatchEvent(new CustomEvent("diagram:drawn"));
}

async function showState() {
  const place = document.getElementById("pod-state");
  if (place && stateHtml) await swapHtml(place, stateHtml);
}

openSocket(page.dataset.socket, {
  hello: () => ({ uid: live().dataset.uid, version: live().dataset.version }),
  onFrame: async (frame) => {
    if (frame.type === "state") {
      stateHtml = frame.html;
      page.classList.toggle("stale", frame.phase === "stale");
      await showState();
      announce(document.getElementById("pod-state").textContent.trim());
    } else if (frame.type === "changed") refresh();
    else if (frame.type === "gone") {
      page.classList.add("stale");
      await swapHtml(document.getElementById("pod-alert"), frame.html);
    }
  },
  onState: (state) => {
    if (state !== "waiting") return;
    const badge = document.createElement("span");
    badge.className = "live badge badge-warn";
    badge.dataset.phase = "lost";
    badge.textContent = page.dataset.lost;
    document.getElementById("pod-state")?.replaceChildren(badge);
  },
});

bindKey("v", () => {
  const shown = document.querySelector(".as-diagram")?.getClientRects().length;
  document.querySelector(shown ? ".to-table" : ".to-diagram")?.click();
});
