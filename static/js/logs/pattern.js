// What a row is looked up for. Plain words are searched at once; a regular expression runs in a worker
// with a time limit, because it may take for ever, and is then refused.
const LIMIT_MS = 1000;
const START_LIMIT_MS = 15_000;
const SPECIAL = /[\\^$.*+?()[\]{}|]/;
const ADDRESS = new URL("./pattern-worker.js", import.meta.url).href;
const MOST_RANGES = 200;

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

// The one script address that a worker may be made from.
const scripts = globalThis.trustedTypes?.createPolicy("log-pattern", { createScriptURL: () => ADDRESS });

export class Slow extends Error {}

class Runner {
  constructor() {
    this.waiting = new Map();
    this.next = 0;
    this.isReady = false;
    this.worker = new Worker(scripts ? scripts.createScriptURL("") : ADDRESS);
    this.worker.addEventListener("message", ({ data }) => this.answered(data));
    this.worker.addEventListener("error", () => this.end());
  }

  ask(request) {
    return new Promise((resolve, reject) => this.send({ request, resolve, reject }));
  }

  send(asked) {
    const id = this.next;
    this.next += 1;
    this.waiting.set(id, asked);
    this.worker.postMessage({ ...asked.request, id });
    if (this.waiting.size === 1) this.watch();
  }

  // Each answer starts the clock again: what is measured is one chunk, not the queue.
  watch() {
    clearTimeout(this.timer);
    if (this.waiting.size) this.timer = setTimeout(() => this.end(), this.isReady ? LIMIT_MS : START_LIMIT_MS);
  }

  answered({ id, answer }) {
    this.isReady = true;
    const asked = this.waiting.get(id);
    this.waiting.delete(id);
    this.watch();
    asked?.resolve(answer);
  }

  // The oldest question was at work: what is asked with its expression is refused. Others only stood
  // behind it, and are asked again of a new worker.
  end() {
    clearTimeout(this.timer);
    this.worker.terminate();
    const ended = [...this.waiting.values()];
    this.waiting.clear();
    this.onEnd?.();
    const at = ended[0]?.request;
    for (const asked of ended) {
      const { source, flags } = asked.request;
      if (source === at.source && flags === at.flags) asked.reject(new Slow());
      else shared().send(asked);
    }
  }
}

let runner = null;

function shared() {
  if (!runner) {
    runner = new Runner();
    runner.onEnd = () => {
      runner = null;
    };
  }
  return runner;
}

// Words, or an expression without a special character: `test` and `ranges` answer at once.
class Words {
  constructor(text, isCase) {
    this.isAtOnce = true;
    this.text = text;
    this.finder = isCase ? null : new RegExp(escaped(text), "i");
    this.all = new RegExp(escaped(text), isCase ? "g" : "gi");
  }

  test(text) {
    return this.finder ? this.finder.test(text) : text.includes(this.text);
  }

  ranges(text) {
    const found = [];
    for (const match of text.matchAll(this.all)) {
      found.push(match.index, match.index + match[0].length);
      if (found.length >= MOST_RANGES) break;
    }
    return found;
  }
}

// A worker gets many texts as one, which costs a tenth of sending each.
function joined(texts) {
  return texts.map((text) => (text.includes("\n") ? text.replaceAll("\n", " ") : text)).join("\n");
}

class Expression {
  constructor(source, isCase) {
    this.isAtOnce = false;
    this.request = { source, flags: isCase ? "" : "i" };
    new RegExp(source, this.request.flags); // throws SyntaxError for what is none
  }

  test(texts) {
    return shared().ask({ kind: "test", joined: joined(texts), ...this.request });
  }

  ranges(texts) {
    return shared().ask({ kind: "ranges", joined: joined(texts), ...this.request });
  }
}

// Throws SyntaxError when the text is no regular expression. null: nothing is looked for.
export function patternOf(text, { isRegex = false, isCase = false } = {}) {
  if (!text) return null;
  return isRegex && SPECIAL.test(text) ? new Expression(text, isCase) : new Words(text, isCase);
}
