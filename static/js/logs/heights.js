// How high the rows of a view are, by place: estimated when a row comes, corrected when it has been
// seen. Sums of blocks make "which row is at this height" a scan of some thousand numbers, not of all.
const BLOCK = 64;
const HIGHEST = 65_535;

export class Heights {
  constructor(capacity) {
    this.capacity = capacity;
    this.rows = new Uint16Array(capacity);
    this.sums = new Float64Array(Math.ceil(capacity / BLOCK) + 2);
    this.reset(0);
  }

  reset(start) {
    this.start = start;
    this.end = start;
    this.total = 0;
    this.sums.fill(0);
  }

  blockOf(place) {
    return Math.floor(place / BLOCK) % this.sums.length;
  }

  push(height) {
    const kept = Math.min(HIGHEST, height);
    if (this.end - this.start === this.capacity) this.dropTo(this.start + 1);
    this.rows[this.end % this.capacity] = kept;
    this.sums[this.blockOf(this.end)] += kept;
    this.total += kept;
    this.end += 1;
  }

  set(place, height) {
    const kept = Math.min(HIGHEST, height);
    const change = kept - this.rows[place % this.capacity];
    if (!change) return 0;
    this.rows[place % this.capacity] = kept;
    this.sums[this.blockOf(place)] += change;
    this.total += change;
    return change;
  }

  // Takes the oldest away; returns how high they were together.
  dropTo(start) {
    const before = this.total;
    while (this.start < Math.min(start, this.end)) {
      const height = this.rows[this.start % this.capacity];
      this.sums[this.blockOf(this.start)] -= height;
      this.total -= height;
      this.start += 1;
    }
    return before - this.total;
  }

  // Where a row begins.
  offset(place) {
    const until = Math.min(place, this.end);
    let sum = 0;
    let at = this.start;
    while (at < until) {
      const isWhole = at % BLOCK === 0 && at + BLOCK <= until;
      sum += isWhole ? this.sums[this.blockOf(at)] : this.rows[at % this.capacity];
      at += isWhole ? BLOCK : 1;
    }
    return sum;
  }

  // The row that covers `y`, and where it begins; the last one for what is below all.
  find(y) {
    let top = 0;
    let place = this.start;
    while (place < this.end - 1) {
      const isWhole = place % BLOCK === 0 && place + BLOCK < this.end;
      const block = isWhole ? this.sums[this.blockOf(place)] : Infinity;
      const height = top + block <= y ? block : this.rows[place % this.capacity];
      if (top + height > y) break;
      top += height;
      place += height === block ? BLOCK : 1;
    }
    return { place, top };
  }
}
