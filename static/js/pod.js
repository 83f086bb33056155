// Keeps an open pod page true: when the pod changes, the same address is read again and its live part
// is morphed in, so that focus, scroll and selection stay.
import { announce } from "./announce.js";
import { openSocket } from "./socket.js";
import { swapHtml } from "./swap.js";

const page = document.getElementById("pod");
const live = () => document.getElementById("pod-live");
const RETRY_MS = 3000;
const LOOK_MS = 1500;
let stateHtml = "";
let pending = false;
let running = false;
let gone = false;
let failed = false;
let lookTimer;

async function refresh() {
  pending = true;
  if (running) return;
  running = true;
  while (pending) {
    pending = false;
    if (await read()) {
      if (failed) document.getElementById("alerts").replaceChildren();
      failed = false;
      watchLook();
    } else if (!gone) {
      // The server tells of a change once: what could not be read now is read later.
      failed = true;
      setTimeout(refresh, RETRY_MS);
    }
    await showState();
  }
  running = false;
  document.dispatchEvent(new CustomEvent("diagram:drawn"));
}

// Whether the page is new: the server's answer brings the version that is taken away here.
async function read() {
  const { version } = live().dataset;
  live().dataset.version = "";
  try {
    await window.htmx.ajax("GET", location.href, {
      target: "#pod-live", select: "#pod-live", swap: "outerMorph",
    });
  } catch {
    // The socket's state says what is wrong; the page stays as it was.
  }
  const isNew = live().dataset.version !== "";
  if (!isNew) live().dataset.version = version;
  return isNew;
}

// A look into the pod ends without a change of the pod: ask until it has.
function watchLook() {
  clearTimeout(lookTimer);
  if (document.querySelector("#observe[data-looking]") && !gone) lookTimer = setTimeout(refresh, LOOK_MS);
}

async function showState() {
  const place = document.getElementById("pod-state");
  if (place && stateHtml) await swapHtml(place, stateHtml);
}

watchLook();
openSocket(page.dataset.socket, {
  hello: () => ({ uid: live().dataset.uid, version: live().dataset.version }),
  onFrame: async (frame) => {
    if (frame.type === "state") {
      stateHtml = frame.html;
      page.classList.toggle("stale", gone || ["stale", "failed"].includes(frame.phase));
      await showState();
      announce(document.getElementById("pod-state").textContent.trim());
    } else if (frame.type === "changed") refresh();
    else if (frame.type === "gone") {
      gone = true;
      if (failed) document.getElementById("alerts").replaceChildren();
      page.classList.add("stale");
      await swapHtml(document.getElementById("pod-alert"), frame.html);
    }
  },
  onState: (state) => {
    const words = { waiting: page.dataset.lost, closed: page.dataset.closed }[state];
    if (!words) return;
    page.classList.add("stale");
    const badge = document.createElement("span");
    badge.className = "live badge badge-warn";
    badge.dataset.phase = "lost";
    badge.textContent = words;
    stateHtml = "";
    document.getElementById("pod-state")?.replaceChildren(badge);
  },
});
