// What the page's address says about the view, and the address for what is shown now. The server's own
// part (src, tail, since, until, previous) stays as it is.
import { readPreference } from "./preference.js";

const WAIT_MS = 250;
const OURS = ["times", "wrap", "hide", "solo", "q", "re", "case", "invert", "mode", "level", "nolevel", "context", "cols", "at"];
const LEVELS = ["debug", "info", "warn", "error"];
const MOST_NAMES = 50;

// As the server writes it.
export function readable(address) {
  return address.replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2C", ",");
}

export function readState(search = location.search) {
  const params = new URLSearchParams(search);
  const one = (name, choices, otherwise) => (choices.includes(params.get(name)) ? params.get(name) : otherwise);
  const several = (name) => params.getAll(name).filter(Boolean).slice(0, MOST_NAMES);
  const context = Number(params.get("context") ?? 0);
  const preferred = readPreference();
  return {
    times: one("times", ["local", "utc", "off"], preferred.times),
    wraps: params.has("wrap") ? params.get("wrap") !== "0" : preferred.wraps,
    hidden: new Set(several("hide")),
    solo: new Set(several("solo").slice(0, 1)),
    text: (params.get("q") ?? "").slice(0, 500),
    isRegex: params.get("re") === "1",
    isCase: params.get("case") === "1",
    isInverted: params.get("invert") === "1",
    isFilter: params.get("mode") !== "highlight",
    level: one("level", LEVELS, ""),
    withUnknown: params.get("nolevel") !== "0",
    context: Number.isInteger(context) ? Math.max(0, Math.min(10, context)) : 0,
    columns: several("cols").slice(0, 12),
    at: params.get("at") ?? "",
  };
}

export function writeState(state, search = location.search) {
  const params = new URLSearchParams(search);
  for (const name of OURS) params.delete(name);
  const add = (name, value, otherwise) => value !== otherwise && params.append(name, value);
  const preferred = readPreference(); // what is usual is not said, unless the viewer prefers another
  add("times", state.times, preferred.times === "local" ? "local" : "");
  add("wrap", state.wraps ? "1" : "0", preferred.wraps ? "1" : "");
  for (const name of state.hidden) params.append("hide", name);
  for (const name of state.solo) params.append("solo", name);
  add("q", state.text, "");
  add("re", state.isRegex ? "1" : "", "");
  add("case", state.isCase ? "1" : "", "");
  add("invert", state.isInverted ? "1" : "", "");
  add("mode", state.isFilter ? "" : "highlight", "");
  add("level", state.level, "");
  add("nolevel", state.withUnknown ? "" : "0", "");
  add("context", state.context ? String(state.context) : "", "");
  for (const path of state.columns) params.append("cols", path);
  add("at", state.at, "");
  return `?${readable(params.toString())}`;
}

// A file is made by the server: it leaves hidden names out and looks for words, but runs no expressions.
function isForFile(name, params) {
  if (["hide", "solo"].includes(name)) return true;
  const isWords = params.get("mode") !== "highlight" && params.get("re") !== "1";
  return isWords && ["q", "case", "invert"].includes(name);
}

// Links that lead to another log, range or file keep how this one is looked at.
function carry(search) {
  const ours = new URLSearchParams(search);
  for (const link of document.querySelectorAll("a[data-carry]")) {
    const address = new URL(link.href);
    const isFile = link.dataset.carry === "file";
    for (const name of OURS) address.searchParams.delete(name);
    for (const [name, value] of ours) {
      const isCarried = isFile ? isForFile(name, ours) : OURS.includes(name) && name !== "at";
      if (isCarried) address.searchParams.append(name, value);
    }
    link.href = readable(address.href);
  }
}

export function keepInAddress(state) {
  let timer = 0;
  let before = "";
  const write = () => {
    const search = writeState(state);
    if (search === before) return;
    before = search;
    carry(search);
    if (search !== location.search) history.replaceState(history.state, "", search + location.hash);
  };
  carry(location.search);
  addEventListener("pagehide", write);
  // Typing changes the state at each key; browsers limit how often an address may change.
  return () => {
    clearTimeout(timer);
    timer = setTimeout(write, WAIT_MS);
  };
}
