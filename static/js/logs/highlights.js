// Where the pattern hits inside the rows in sight. Words are found at once; an expression is asked for in
// its worker, for all rows of a frame together, and the rows are drawn again with the answer.
import { plain } from "./sgr.js";

const MOST_KEPT = 4000;
const LONGEST = 4000;

export class Highlights {
  constructor(buffer, { onAnswer, onSlow }) {
    Object.assign(this, { buffer, onAnswer, onSlow });
    this.use(null);
  }

  use(pattern) {
    this.pattern = pattern;
    this.known = new Map();
    this.wanted = new Set();
  }

  of(number) {
    const { pattern } = this;
    if (!pattern) return null;
    if (pattern.isAtOnce) return pattern.ranges(this.text(number));
    const known = this.known.get(number);
    if (!known) this.wanted.add(number);
    return known ?? null;
  }

  text(number) {
    const text = this.buffer.text(number);
    return plain(text.length > LONGEST ? text.slice(0, LONGEST) : text);
  }

  ask() {
    const { pattern } = this;
    if (!this.wanted.size || this.isAsking) return;
    const numbers = [...this.wanted].filter((number) => this.buffer.has(number));
    this.wanted.clear();
    this.isAsking = true;
    pattern.ranges(numbers.map((number) => this.text(number))).then(
      (answer) => {
        this.isAsking = false;
        if (this.pattern !== pattern) return this.onAnswer(new Set());
        if (this.known.size > MOST_KEPT) this.known.clear();
        for (const [at, ranges] of answer.entries()) this.known.set(numbers[at], ranges);
        return this.onAnswer(new Set(numbers));
      },
      () => {
        this.isAsking = false;
        if (this.pattern === pattern) this.onSlow();
      },
    );
  }
}
