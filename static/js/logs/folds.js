// Rows that are folded out: when, where, and the whole of the text; JSON as a tree.
import { exact } from "./clock.js";
import { read, tree } from "./json.js";
import { plain } from "./sgr.js";

const MOST_CHARS = 100_000;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export class Folds {
  constructor(buffer, names, words, columns = []) {
    Object.assign(this, { buffer, names, words, columns });
    this.open = new Set();
  }

  has(number) {
    return this.open.has(number);
  }

  toggle(number) {
    if (!this.open.delete(number)) this.open.add(number);
    return this.open.has(number);
  }

  clear() {
    this.open.clear();
  }

  forget(first) {
    for (const number of this.open) if (number < first) this.open.delete(number);
  }

  of(number) {
    if (!this.open.has(number)) return null;
    const fold = element("div", "fold");
    const stream = this.names.at(this.buffer.stream(number));
    const facts = [exact(this.buffer.ms(number), this.buffer.ns(number))];
    if (stream) facts.push(`${stream.namespace}/${stream.pod}`, stream.container, stream.node);
    fold.append(element("p", "fold-facts", facts.filter(Boolean).join(" · ")));
    const text = plain(this.buffer.text(number));
    const value = read(text);
    if (value) fold.append(tree(value, this.words, this.columns));
    else fold.append(element("pre", "fold-text", text.slice(0, MOST_CHARS)));
    if (!value && text.length > MOST_CHARS) {
      fold.append(element("p", "fold-facts", this.words.rest.replace("{}", (text.length - MOST_CHARS).toLocaleString())));
    }
    return fold;
  }
}
