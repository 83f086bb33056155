// The log page: lines arrive over the socket and are put in as text, never as HTML. Following lets go
// when the viewer scrolls up. The page keeps the newest lines and says how many it dropped.
import { announce } from "../announce.js";
import { openSocket } from "../socket.js";

const KEPT = 10_000;
const NEAR_PX = 40;
const SUMMARY_MS = 10_000;
const panel = document.getElementById("log-panel");
const log = document.getElementById("log");
const state = document.getElementById("log-state");
const more = document.getElementById("log-new");
const follow = panel.querySelector("[data-follow]");
const wrap = panel.querySelector("[data-wrap]");
const cursors = {};

let following = true;
let unseen = 0;
let unsaid = 0;
let dropped = 0;
let droppedLine = null;
let wasOpen = false;

function clock(ms) {
  const date = new Date(ms);
  const pad = (number, size = 2) => String(number).padStart(size, "0");
  if (log.dataset.times === "utc") return date.toISOString().slice(11, 23);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

function writeTime(time) {
  const ms = Number(time.dataset.ms);
  time.textContent = clock(ms);
  time.title = new Date(ms).toISOString();
}

function line([, ms, , mark, text]) {
  const notice = mark === "late" ? "" : mark;
  const item = document.createElement("div");
  if (notice) item.className = "notice";
  if (ms) {
    const time = document.createElement("time");
    time.dataset.ms = ms;
    writeTime(time);
    item.append(time);
  }
  const words = document.createElement("span");
  words.textContent = text;
  item.append(words);
  return item;
}

function append(lines) {
  const fragment = document.createDocumentFragment();
  for (const one of lines) fragment.append(line(one));
  log.append(fragment);
  document.getElementById("log-empty").hidden = true;
  document.getElementById("log-problem")?.remove();
  trim();
  unsaid += lines.length;
  if (following) log.scrollTop = log.scrollHeight;
  else {
    unseen += lines.length;
    more.hidden = false;
    more.querySelector("span").textContent = more.dataset.words.replace("{}", unseen);
  }
}

function trim() {
  const surplus = log.children.length - KEPT;
  if (surplus <= 0) return;
  const height = log.scrollHeight;
  for (let index = 0; index < surplus; index += 1) (droppedLine?.nextElementSibling ?? log.firstElementChild).remove();
  dropped += surplus;
  if (!droppedLine) {
    droppedLine = line([-1, 0, 0, "dropped", ""]);
    log.prepend(droppedLine);
  }
  droppedLine.querySelector("span").textContent = `${panel.dataset.dropped} ${dropped}`;
  // Who reads further up keeps the line under the eyes while older ones go.
  if (!following) log.scrollTop -= height - log.scrollHeight;
}

// The server sends the log's end anew: what is shown would come twice.
function clear() {
  for (const key of Object.keys(cursors)) delete cursors[key];
  log.replaceChildren();
  droppedLine = null;
  dropped = 0;
}

function setFollowing(on) {
  following = on;
  follow.setAttribute("aria-pressed", String(on));
  const word = follow.querySelector("span");
  word.textContent = on ? word.dataset.on : word.dataset.off;
  if (on) {
    unseen = 0;
    if (document.activeElement === more) log.focus();
    more.hidden = true;
    log.scrollTop = log.scrollHeight;
  }
}

function show(name, tone) {
  state.textContent = state.dataset[name];
  state.className = `live badge badge-${tone}`;
  state.dataset.phase = name;
}

for (const hidden of panel.querySelectorAll("[data-js]")) hidden.hidden = false;
for (const time of log.querySelectorAll("time")) writeTime(time);
log.scrollTop = log.scrollHeight;

let lastTop = log.scrollTop;
log.addEventListener("scroll", () => {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  if (atEnd && !following) setFollowing(true);
  else if (!atEnd && following && log.scrollTop < lastTop - 2) setFollowing(false);
  lastTop = log.scrollTop;
});
follow.addEventListener("click", () => setFollowing(!following));
more.addEventListener("click", () => setFollowing(true));
wrap.addEventListener("click", () => {
  const on = log.classList.toggle("wraps");
  wrap.setAttribute("aria-pressed", String(on));
});
for (const button of panel.querySelectorAll("button[data-times]")) {
  button.addEventListener("click", () => {
    log.dataset.times = button.dataset.times;
    for (const other of panel.querySelectorAll("button[data-times]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    for (const time of log.querySelectorAll("time")) writeTime(time);
  });
}

openSocket(panel.dataset.socket, {
  hello: () => ({ query: panel.dataset.query, cursors }),
  onFrame: (frame) => {
    if (frame.type === "open") {
      show("live", "ok");
      if (!frame.resumed) clear();
      else if (wasOpen) append([[-1, 0, 0, "reconnect", panel.dataset.reconnected]]);
      wasOpen = true;
    } else if (frame.type === "lines") {
      Object.assign(cursors, frame.cursors);
      append(frame.rows);
    } else if (frame.type === "streams") {
      const isCut = frame.streams.some((stream) => stream.state === "cut");
      show(isCut ? "cut" : "live", isCut ? "warn" : "ok");
    } else if (frame.type === "end") show("ended", "accent");
    else if (frame.type === "notice") append([[-1, 0, 0, "error", frame.sentence]]);
  },
  onState: (name, detail) => {
    if (name === "connecting") show("connecting", "accent");
    else if (name === "waiting") show("waiting", "warn");
    else if (name === "closed" && detail.code !== 1000) show("closed", "warn");
  },
});

// A screen reader hears how much came, not every line.
setInterval(() => {
  if (unsaid && !document.hidden) announce(panel.dataset.said.replace("{}", unsaid));
  unsaid = 0;
}, SUMMARY_MS);
