// One row as an element: whose it is, when, what. Every text of the log goes in as a text node.
import { clock, exact } from "./clock.js";
import { cells, isJson } from "./json.js";
import { LEVELS, rowLevel } from "./levels.js";
import { stretches } from "./sgr.js";

const SHOWN_CHARS = 4000;

function part(name, tag = "span") {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

// A write costs layout even if nothing changes.
function set(element, name, value) {
  if (element[name] !== value) element[name] = value;
}

// Text with its colours, and marks where the search hits: `ranges` are pairs of places in the plain text.
export function paint(element, text, ranges) {
  if (!ranges?.length && !text.includes("\x1b")) {
    element.textContent = text;
    return;
  }
  const pieces = [];
  let at = 0;
  let range = 0;
  for (const [stretch, style] of stretches(text)) {
    let from = 0;
    while (from < stretch.length) {
      while (ranges && range < ranges.length && ranges[range + 1] <= at + from) range += 2;
      const start = ranges && range < ranges.length ? ranges[range] - at : Infinity;
      const isHit = start <= from;
      const to = Math.min(stretch.length, isHit ? ranges[range + 1] - at : start);
      pieces.push(piece(stretch.slice(from, to), style, isHit));
      from = to;
    }
    at += stretch.length;
  }
  element.replaceChildren(...pieces);
}

function piece(text, style, isHit) {
  if (!style && !isHit) return document.createTextNode(text);
  const element = document.createElement(isHit ? "mark" : "span");
  if (style) element.className = style;
  element.textContent = text;
  return element;
}

export class RowPainter {
  // look: { times, wraps, columns, isMarked(number), foldOf(number), ranges(number), isContext(number), words }
  constructor(buffer, names, look) {
    Object.assign(this, { buffer, names, look });
    this.rowHeight = 20;
    this.perLine = 120;
    this.indent = 0;
  }

  create() {
    const row = part("row", "div");
    row.setAttribute("role", "listitem");
    row.tabIndex = -1;
    const line = part("line", "div");
    row.parts = { letter: part("letter", "b"), name: part("name"), time: part("time", "time"), text: part("text") };
    const who = part("who");
    who.append(row.parts.letter, row.parts.name);
    line.append(who, row.parts.time, row.parts.text);
    row.parts.who = who;
    row.append(line);
    return row;
  }

  length(number) {
    return Math.min(SHOWN_CHARS, this.buffer.lengthOf(number));
  }

  // Estimated; what wraps is measured when it is in sight.
  height(number) {
    if (!this.look.wraps) return this.rowHeight;
    return this.rowHeight * Math.max(1, Math.ceil((this.length(number) + this.indent) / this.perLine));
  }

  get isWide() {
    return !this.look.wraps;
  }

  isMeasured(number) {
    return this.look.wraps || this.look.folds.has(number);
  }

  fill(row, number) {
    row.number = number;
    const code = this.buffer.code(number);
    const stream = this.names.at(this.buffer.stream(number));
    const isNotice = this.buffer.isNotice(number);
    const { letter, name, time, text } = row.parts;
    set(row, "className", this.classes(number, code, stream, isNotice));
    set(letter, "textContent", stream?.letter ?? "");
    set(name, "textContent", stream?.label ?? "");
    set(time, "textContent", clock(this.buffer.ms(number), this.look.times));
    this.fillText(text, number, isNotice);
    const fold = this.look.foldOf(number);
    if (row.fold) row.fold.remove();
    if (fold) row.append(fold);
    if (fold || row.fold) row.ariaExpanded = fold ? "true" : null;
    row.fold = fold;
  }

  // What is only needed when a row is pointed at or read out.
  explain(row) {
    const stream = this.names.at(this.buffer.stream(row.number));
    row.parts.who.title = stream?.title ?? "";
    row.parts.time.title = exact(this.buffer.ms(row.number), this.buffer.ns(row.number));
    row.ariaPosInSet = String(row.place + 1);
    row.ariaSetSize = "-1";
  }

  classes(number, code, stream, isNotice) {
    const names = ["row"];
    if (stream) names.push(`s${stream.colour}`);
    if (isNotice) names.push("notice", `is-${code}`);
    else {
      const level = rowLevel(this.buffer, number);
      if (level > 2) names.push(`level-${LEVELS[level]}`);
      if (code === "late") names.push("late");
      if (this.look.isContext(number)) names.push("context");
    }
    if (this.look.isChosen(number)) names.push("chosen");
    if (this.look.isLinked(number)) names.push("linked");
    return names.join(" ");
  }

  fillText(element, number, isNotice) {
    const text = this.buffer.text(number);
    const { columns } = this.look;
    const values = columns.length && !isNotice && isJson(text) ? cells(text, columns) : null;
    set(element, "className", values ? "text cells" : isJson(text) && !isNotice ? "text json" : "text");
    if (values) {
      element.replaceChildren(
        ...values.map((value) => {
          const cell = part("cell");
          cell.textContent = value;
          cell.title = value;
          return cell;
        }),
      );
      return;
    }
    const isCut = text.length > SHOWN_CHARS;
    paint(element, isCut ? text.slice(0, SHOWN_CHARS) : text, isNotice ? null : this.look.ranges(number));
    if (isCut) element.append(this.rest(text.length - SHOWN_CHARS));
    if (this.buffer.code(number) === "late") element.append(this.late());
  }

  rest(count) {
    const more = part("rest");
    more.textContent = this.look.words.rest.replace("{}", count.toLocaleString());
    return more;
  }

  late() {
    const badge = part("late-mark");
    badge.textContent = this.look.words.late;
    badge.title = this.look.words.lateWhy;
    return badge;
  }
}
