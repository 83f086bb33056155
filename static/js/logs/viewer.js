// The log page: puts its parts together. Rows come over the socket into the buffer; once per animation
// frame new rows are judged, and what is in sight is drawn.
import { toast } from "../announce.js";
import { copyInstead, copyText } from "../copy.js";
import { RowBuffer } from "./buffer.js";
import { Chosen } from "./chosen.js";
import { Columns } from "./columns.js";
import { bindKeys } from "./commands.js";
import { Lines } from "./copying.js";
import { Folds } from "./folds.js";
import { Frames } from "./frames.js";
import { Highlights } from "./highlights.js";
import { Hits } from "./hits.js";
import { Legend } from "./legend.js";
import { addressOf, readAt, Sought } from "./links.js";
import { VirtualList } from "./list.js";
import { fitPanel, hasLine, measureText } from "./measure.js";
import { Live } from "./live.js";
import { Looks } from "./looks.js";
import { Names } from "./names.js";
import { RowPainter } from "./row.js";
import { Search } from "./search.js";
import { Selection } from "./selection.js";
import { wireRange } from "./range.js";
import { keepInAddress, readState } from "./state.js";
import { Status } from "./status.js";
import { View } from "./view.js";

const BUDGET_MS = 7;
const byId = (id) => document.getElementById(id);
const panel = byId("log-panel");
const log = byId("log");
const words = byId("log-words").dataset;
const state = readState();
const address = keepInAddress(state);
const buffer = new RowBuffer();
const names = new Names(state);
const folds = new Folds(buffer, names, words, state.columns);
const sought = new Sought(buffer, names, readAt(state.at));
let isJudging = false;
let isMeasured = false;
let isLoaded = false;
let seenEnd = 0;
let whoWidth = 0;

const frames = new Frames(frame, () => list.isFlooded);
const schedule = () => frames.ask();

const search = new Search(byId("log-search"), state, words, { onQuestion: askAgain, onStep: (by) => hits.step(by) });
const highlights = new Highlights(buffer, {
  onAnswer: (numbers) => list.refill(numbers),
  onSlow: () => search.refuse(),
});
highlights.use(state.isInverted ? null : search.pattern);
const view = new View(buffer, search.question(names.isOn), {
  onChange: schedule,
  onSlow: () => search.refuse(),
  onSwap: () => list.rebuild(),
});
const painter = new RowPainter(buffer, names, {
  words, folds,
  get times() { return state.times; },
  get wraps() { return state.wraps; },
  get columns() { return state.columns; },
  foldOf: (number) => folds.of(number),
  ranges: (number) => highlights.of(number),
  isContext: (number) => Boolean(view.question.pattern) && state.isFilter && state.context > 0 && !view.hits.includes(number),
  isChosen: (number) => chosen?.has(number),
  isLinked: (number) => number === sought.number,
});
let chosen = null;
const list = new VirtualList({
  scroller: log, head: byId("log-head"), canvas: byId("log-canvas"), rows: byId("log-rows"),
  view, painter, onDraw: schedule, onFollow: followIs,
});
chosen = new Chosen(list, byId("row-bar"), words, {
  fold, copy, link, isFolded: (number) => folds.has(number),
});
const columns = new Columns(byId("log-head"), state, words, relaid);
const looks = new Looks(panel, state, { range: byId("log-range"), onChange: relaid, onResize: () => list.resized() });
const legend = new Legend(byId("log-names"), names, byId("name-words").dataset, askAgain);
const live = new Live({
  path: panel.dataset.socket, query: panel.dataset.query, buffer, names, words, onChange: changed,
});
const status = new Status(live, buffer, view, words);
const lines = new Lines(buffer, names, state);
const hits = new Hits({ view, list, chosen, search, lines });

// Between frames, in portions that let keys, pointer and socket through.
function judge() {
  isJudging = false;
  if (view.run(performance.now() + BUDGET_MS)) judgeOn();
  schedule();
}

function judgeOn() {
  if (isJudging) return;
  isJudging = true;
  setTimeout(judge);
}

function frame() {
  if (view.run(performance.now() + BUDGET_MS)) judgeOn();
  status.draw(); // what is only written goes first, what measures after it: one layout serves all
  byId("log-none").hidden = showsLines() || buffer.length === 0 || view.coming !== null;
  list.draw();
  measure();
  chosen.draw();
  highlights.ask();
  hits.draw();
  showUnseen();
}

// By the first line that is drawn as all are now.
function measure() {
  if (isMeasured || !hasLine(list)) return;
  isMeasured = true;
  if (measureText(list, byId("log-probe"))) list.rebuild();
}

// Notices stay whatever is searched; they alone must not look like the answer.
function showsLines() {
  return view.lines > 0 || (view.shown.length > 0 && !search.pattern);
}

function changed(what) {
  if (what === "clear") clear("");
  else if (what === "streams") {
    legend.draw();
    panel.classList.toggle("is-one", names.streams.length < 2);
    if (names.hidden.size) address();
    widen();
  }
  if (live.hasLines || live.isOver) showRows();
  if (what !== "state" || sought.at) seek();
  schedule();
}

// The column of the names; what wraps beside it has other heights then.
function widen() {
  const width = names.streams.length < 2 ? 0 : names.width() + 4;
  if (width === whoWidth) {
    list.refill();
    return;
  }
  whoWidth = width;
  panel.style.setProperty("--who-width", `${width}ch`);
  relaid();
}

// The tail that the server drew stands until the first rows are here.
function showRows() {
  const first = byId("log-first");
  byId("log-empty").hidden = buffer.length > 0;
  if (!first) return;
  first.remove();
  byId("log-problem")?.remove();
  byId("log-canvas").hidden = false;
  relaid();
}

function seek() {
  const found = sought.look();
  if (found === "found") {
    list.setFollowing(false);
    view.run(performance.now() + BUDGET_MS);
    if (list.reveal(sought.number)) chosen.choose(sought.number, false);
    else toast(words.linkedHidden);
  } else if (found === "gone") byId("log-gone").hidden = false;
}

function askAgain() {
  highlights.use(state.isInverted ? null : search.pattern);
  view.ask(search.question(names.isOn));
  if (!state.isFilter) list.refill();
  hits.forget();
  address();
}

function relaid() {
  log.classList.toggle("wraps", state.wraps);
  log.dataset.times = state.times;
  list.readSize();
  measureText(list, byId("log-probe"));
  list.rebuild();
  isMeasured = false;
  address();
}

function followIs(isOn) {
  const button = panel.querySelector("[data-follow]");
  button.setAttribute("aria-pressed", String(isOn));
  const word = button.querySelector("span");
  word.textContent = isOn ? word.dataset.on : word.dataset.off;
  seenEnd = buffer.end;
  if (isOn && state.at) {
    state.at = "";
    address();
  }
  if (isOn && document.activeElement === byId("log-new")) log.focus({ preventScroll: true });
  schedule();
}

// What was there before the page was is not new.
function showUnseen() {
  const more = byId("log-new");
  if (!isLoaded) {
    isLoaded = live.isLoaded;
    log.toggleAttribute("data-loaded", isLoaded);
    seenEnd = buffer.end;
  }
  const count = list.isFollowing ? 0 : view.shown.end - view.shown.placeOf(seenEnd);
  more.hidden = count <= 0;
  if (count > 0) more.querySelector("span").textContent = words.unseen.replace("{}", count.toLocaleString());
}

function fold(number) {
  folds.forget(buffer.first);
  folds.toggle(number);
  list.setFollowing(false);
  list.refill(new Set([number]));
  list.showWhole(number);
}

async function copy(start, end) {
  const { text, count } = await lines.between(view.shown, start, end);
  copyText(text, words.copied.replace("{}", count.toLocaleString()));
}

// A `copy` event waits for nothing.
function copyAtOnce(event, start, end) {
  const texts = lines.of(view.shown, start, end);
  copyInstead(event, `${texts.join("\n")}\n`, words.copied.replace("{}", texts.length.toLocaleString()));
}

function link(number) {
  const href = addressOf(buffer, names, number);
  if (href) copyText(href, words.linkCopied);
}

function clear(said) {
  buffer.clear();
  folds.clear();
  chosen.clear();
  view.restart();
  hits.forget();
  list.setFollowing(true);
  if (said) live.note("cleared", said);
}

const toggleFollow = () => list.setFollowing(!list.isFollowing);
const on = (selector, action) => panel.querySelector(selector).addEventListener("click", action);

for (const hidden of document.querySelectorAll("[data-js]")) hidden.hidden = false;
on("[data-follow]", toggleFollow);
on("[data-copy-all]", () => copy(view.shown.start, view.shown.end));
on("[data-options]", (event) => {
  const isOpen = panel.classList.toggle("has-options");
  event.currentTarget.setAttribute("aria-expanded", String(isOpen));
});
byId("log-new").addEventListener("click", () => list.setFollowing(true));
byId("log-none").querySelector("button").addEventListener("click", () => {
  names.showAll();
  legend.draw();
  search.clear();
});
for (const kind of ["pointerover", "focusin"]) {
  log.addEventListener(kind, (event) => {
    const row = event.target.closest(".row");
    if (row) painter.explain(row);
  });
}
log.addEventListener("click", (event) => {
  const path = event.target.closest("[data-column]")?.dataset.column;
  if (path) columns.toggle(path);
});
new Selection(list, chosen, copyAtOnce);
wireRange(byId("log-range"));
fitPanel(panel);
looks.setTimes(state.times);
bindKeys({
  search, step: (by) => hits.step(by), chosen, toggleFollow,
  toggleWrap: () => looks.toggleWrap(),
  toggleFull: () => looks.toggleFull(),
  cycleTimes: () => looks.cycleTimes(),
  mark: () => live.note("mark", words.mark.replace("{}", new Date().toLocaleTimeString(document.documentElement.lang))),
  clear: () => clear(words.cleared.replace("{}", buffer.lines.toLocaleString())),
});
