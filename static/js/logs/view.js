// Which rows are shown and which are hits. New rows are judged as they come; when the question changes
// all rows are judged again in small portions, while the list still shows the old answer.
import { NumberRing } from "./buffer.js";
import { rowLevel } from "./levels.js";
import { Slow } from "./pattern.js";
import { plain } from "./sgr.js";

const CHUNK = 4000;
const CHUNK_CHARS = 600_000;
const IN_FLIGHT = 2;
const LOOK_AT_CLOCK = 128; // rows, or:
const LOOK_AT_CLOCK_CHARS = 100_000;
const ANSWER_MS = 3;

// One question, and its answer as far as it has been found.
class Pass {
  constructor(buffer, question) {
    this.buffer = buffer;
    this.question = question;
    this.shown = new NumberRing(buffer.capacity);
    this.hits = new NumberRing(buffer.capacity);
    this.notices = new NumberRing(buffer.capacity); // of those shown
    this.next = buffer.first;
    this.asked = buffer.first;
    this.inFlight = 0;
    this.before = [];
    this.after = 0;
  }

  get isCaughtUp() {
    return this.next >= this.buffer.end;
  }

  isCandidate(number) {
    const { isOn, level, withUnknown } = this.question;
    if (!isOn(this.buffer.stream(number))) return false;
    if (!level || this.buffer.isNotice(number)) return true;
    const own = rowLevel(this.buffer, number);
    return own === 0 ? withUnknown !== false : own >= level; // it may belong to one that is looked for
  }

  // `matches`: the pattern's answer. A notice is always shown and is no hit.
  take(number, matches) {
    const { pattern, isInverted, isFilter, context } = this.question;
    if (!this.isCandidate(number)) return;
    const isNotice = this.buffer.isNotice(number);
    if (isNotice) this.notices.push(number);
    if (!pattern || isNotice) {
      this.shown.push(number);
      return;
    }
    const isHit = matches !== isInverted;
    if (isHit) this.hits.push(number);
    if (!isFilter) this.shown.push(number);
    else if (isHit) {
      for (const earlier of this.before) this.shown.push(earlier);
      this.before.length = 0;
      this.shown.push(number);
      this.after = context;
    } else if (this.after > 0) {
      this.shown.push(number);
      this.after -= 1;
    } else if (context) {
      this.before.push(number);
      if (this.before.length > context) this.before.shift();
    }
  }

  run(until, onChange, onSlow) {
    const { pattern } = this.question;
    if (this.next < this.buffer.first) this.next = this.buffer.first;
    if (!pattern || pattern.isAtOnce) this.runAtOnce(pattern, until);
    else this.askWorker(pattern, until, onChange, onSlow);
  }

  runAtOnce(pattern, until) {
    const { buffer } = this;
    let chars = 0;
    while (this.next < buffer.end) {
      const text = buffer.text(this.next);
      this.take(this.next, Boolean(pattern) && pattern.test(plain(text)));
      this.next += 1;
      chars += text.length;
      if (this.next % LOOK_AT_CLOCK && chars < LOOK_AT_CLOCK_CHARS) continue;
      chars = 0;
      if (performance.now() > until) return;
    }
  }

  askWorker(pattern, until, onChange, onSlow) {
    const { buffer } = this;
    if (this.isOver) return;
    this.asked = Math.max(this.asked, this.next);
    while (this.inFlight < IN_FLIGHT && this.asked < buffer.end && performance.now() < until) {
      const from = this.asked;
      const texts = [];
      for (let chars = 0; texts.length < CHUNK && chars < CHUNK_CHARS && this.asked < buffer.end; this.asked += 1) {
        const text = plain(buffer.text(this.asked));
        chars += text.length;
        texts.push(text);
      }
      this.inFlight += 1;
      pattern.test(texts).then(
        (answer) => {
          this.inFlight -= 1;
          for (let at = 0; at < answer.length; at += 1) {
            if (from + at >= buffer.first) this.take(from + at, answer[at] === 1);
          }
          this.next = from + answer.length;
          this.askWorker(pattern, performance.now() + ANSWER_MS, onChange, onSlow); // not only at the next frame
          onChange();
        },
        (error) => {
          if (error instanceof Slow) onSlow(this);
          else throw error;
        },
      );
    }
  }

  trim() {
    this.shown.dropBelow(this.buffer.first);
    this.hits.dropBelow(this.buffer.first);
    this.notices.dropBelow(this.buffer.first);
    if (this.before.length && this.before[0] < this.buffer.first) {
      this.before = this.before.filter((number) => number >= this.buffer.first);
    }
  }
}

export class View {
  // question: { pattern, isInverted, isFilter, level, withUnknown, context, isOn(stream) }
  constructor(buffer, question, { onChange, onSlow, onSwap }) {
    this.buffer = buffer;
    this.pass = new Pass(buffer, question);
    this.coming = null;
    this.onChange = onChange;
    this.onSlow = onSlow;
    this.onSwap = onSwap;
  }

  get shown() {
    return this.pass.shown;
  }

  get hits() {
    return this.pass.hits;
  }

  // How many lines are shown; notices are none.
  get lines() {
    return this.pass.shown.length - this.pass.notices.length;
  }

  get question() {
    return this.pass.question;
  }

  ask(question) {
    if (this.coming) this.coming.isOver = true;
    this.coming = new Pass(this.buffer, question);
    this.onChange();
  }

  // The buffer was emptied: nothing of the old answer is left.
  restart() {
    this.pass = new Pass(this.buffer, (this.coming ?? this.pass).question);
    this.coming = null;
    this.onSwap();
  }

  // Judges rows until the clock says `until`. True while there is more to do at once.
  run(until) {
    const slow = (pass) => {
      if (pass === this.coming || pass === this.pass) this.onSlow();
    };
    if (this.coming) {
      this.coming.run(until, this.onChange, slow);
      if (this.coming.isCaughtUp) {
        this.pass.isOver = true;
        this.pass = this.coming;
        this.coming = null;
        this.pass.trim();
        this.onSwap();
      }
    } else this.pass.run(until, this.onChange, slow);
    this.pass.trim();
    const open = this.coming ?? this.pass;
    return !open.isCaughtUp && open.inFlight === 0;
  }
}
