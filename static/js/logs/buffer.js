// The newest rows. A row is known by its number, which only grows; its place in the rings is the
// number modulo the capacity, so adding a batch costs nothing per row that is already there.
export const CAPACITY = 200_000;
const MOST_CHARS = 128 * 1024 * 1024; // lines may be 256 KiB long: 200,000 of them fill any memory

export class RowBuffer {
  constructor(capacity = CAPACITY, mostChars = MOST_CHARS) {
    this.capacity = capacity;
    this.mostChars = mostChars;
    this.chars = 0;
    this.first = 0;
    this.end = 0;
    this.dropped = 0; // lines, without the notices among them
    this.notices = 0; // among the rows that are here
    this.written = 0; // lines that ever came
    this.texts = new Array(capacity).fill("");
    this.codes = new Array(capacity).fill("");
    this.times = new Float64Array(capacity);
    this.nanos = new Uint32Array(capacity);
    this.streams = new Int32Array(capacity);
    this.levels = new Int8Array(capacity);
    this.lengths = new Uint16Array(capacity); // up to 65,535; for estimates of many rows at once
  }

  get length() {
    return this.end - this.first;
  }

  get lines() {
    return this.length - this.notices;
  }

  // `code`: "" a line, "late" a line that came after a later one was shown, else a notice's.
  push(stream, ms, ns, code, text) {
    this.chars += text.length;
    while (this.length && (this.length === this.capacity || this.chars > this.mostChars)) this.drop();
    const slot = this.end % this.capacity;
    this.texts[slot] = text;
    this.codes[slot] = code;
    this.times[slot] = ms;
    this.nanos[slot] = ns;
    this.streams[slot] = stream;
    this.levels[slot] = -1;
    if (this.isNotice(this.end)) this.notices += 1;
    else this.written += 1;
    this.lengths[slot] = Math.min(65_535, text.length);
    this.end += 1;
  }

  drop() {
    const slot = this.first % this.capacity;
    this.chars -= this.texts[slot].length;
    if (this.isNotice(this.first)) this.notices -= 1;
    else this.dropped += 1;
    this.texts[slot] = "";
    this.first += 1;
  }

  clear() {
    this.chars = 0;
    this.texts.fill("");
    this.first = this.end;
    this.dropped = 0;
    this.notices = 0;
  }

  has(number) {
    return number >= this.first && number < this.end;
  }

  text(number) {
    return this.texts[number % this.capacity];
  }

  lengthOf(number) {
    return this.lengths[number % this.capacity];
  }

  code(number) {
    return this.codes[number % this.capacity];
  }

  ms(number) {
    return this.times[number % this.capacity];
  }

  ns(number) {
    return this.nanos[number % this.capacity];
  }

  stream(number) {
    return this.streams[number % this.capacity];
  }

  isNotice(number) {
    const code = this.code(number);
    return code !== "" && code !== "late";
  }
}

// Numbers of rows, rising: those a view shows, or those a search hits. `start` and `end` count places,
// not rows; they only grow, too, so a place keeps its meaning while the oldest go.
export class NumberRing {
  constructor(capacity = CAPACITY) {
    this.capacity = capacity;
    this.numbers = new Float64Array(capacity);
    this.start = 0;
    this.end = 0;
  }

  get length() {
    return this.end - this.start;
  }

  at(place) {
    return this.numbers[place % this.capacity];
  }

  push(number) {
    this.numbers[this.end % this.capacity] = number;
    this.end += 1;
    if (this.end - this.start > this.capacity) this.start += 1;
  }

  dropBelow(number) {
    while (this.start < this.end && this.at(this.start) < number) this.start += 1;
  }

  // The place of the first number that is not below `number`.
  placeOf(number) {
    let low = this.start;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  includes(number) {
    const place = this.placeOf(number);
    return place < this.end && this.at(place) === number;
  }
}
