// Links to a line: the stream and the line's time. Its address reads the log from shortly before that time,
// so it works later, too, as long as the cluster still has the line.
import { exact } from "./clock.js";
import { readable } from "./state.js";

const BEFORE_MS = 30_000;
const FORM = /^([a-z0-9.-]{1,253})\/([a-z0-9-]{1,63})@(\d{1,14})\.(\d{1,6})$/;

export function addressOf(buffer, names, number) {
  const stream = names.at(buffer.stream(number));
  const ms = buffer.ms(number);
  if (!stream || !ms) return "";
  const address = new URL(location.href);
  address.searchParams.set("at", `${stream.pod}/${stream.container}@${ms}.${buffer.ns(number)}`);
  address.searchParams.set("since", exact(ms - BEFORE_MS, 0).replace(/\.\d+Z$/, "Z"));
  for (const name of ["tail", "until"]) address.searchParams.delete(name);
  address.hash = "";
  return readable(address.href);
}

export function readAt(text) {
  const found = FORM.exec(text);
  return found && { pod: found[1], container: found[2], ms: Number(found[3]), ns: Number(found[4]) };
}

// Looks for the line that the address names: each new row once, until it is there or cannot come any more.
export class Sought {
  constructor(buffer, names, at) {
    Object.assign(this, { buffer, names, at });
    this.next = 0;
    this.number = -1;
    this.isOver = !at;
  }

  is(number) {
    const { at, buffer } = this;
    if (buffer.ms(number) !== at.ms || buffer.ns(number) !== at.ns) return false;
    const stream = this.names.at(buffer.stream(number));
    return Boolean(stream) && stream.pod === at.pod && stream.container === at.container;
  }

  // "found", "gone", or "" while it may still come.
  look() {
    if (this.isOver) return "";
    for (let number = Math.max(this.next, this.buffer.first); number < this.buffer.end; number += 1) {
      if (!this.is(number)) continue;
      this.number = number;
      this.isOver = true;
      return "found";
    }
    this.next = this.buffer.end;
    if (!this.isPast()) return "";
    this.isOver = true;
    return "gone";
  }

  // Its stream has shown all that it has so far, or is not among those that are followed.
  isPast() {
    const { streams } = this.names;
    if (!streams.length) return false;
    const own = streams.filter(({ pod, container }) => pod === this.at.pod && container === this.at.container);
    return own.every(({ state }) => ["live", "ended", "refused"].includes(state)) && this.buffer.length > 0;
  }
}
