// The switches of the names: a chip for each container name and the letters of its streams, and one menu
// for "only this", "mute" and "show all".
import { endOf } from "./live.js";

const STATE_TONES = { cut: "warn", refused: "err", waiting: "warn", "catching-up": "accent", connecting: "accent", ended: "quiet" };
const LETTERS_SHOWN = 6;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

export class Legend {
  constructor(box, names, words, onChange) {
    Object.assign(this, { box, names, words, onChange });
    this.menu = document.getElementById("name-menu");
    this.tellsEnds = endOf(document.getElementById("log-panel")?.dataset.query) === "ended";
    this.chips = new Map();
    this.menu.addEventListener("click", (event) => this.choose(event.target.closest("button")?.dataset.do));
    box.addEventListener("click", (event) => this.clicked(event.target.closest("button")));
  }

  draw() {
    const names = this.names.names();
    this.box.hidden = this.names.streams.length < 2;
    for (const name of names) if (!this.chips.has(name)) this.add(name);
    for (const name of names) this.fill(this.chips.get(name), name);
  }

  add(name) {
    const chip = element("div", "name-chip");
    const button = element("button", "name-switch");
    button.type = "button";
    button.dataset.name = name;
    chip.letters = element("span", "letters");
    chip.state = element("small", "name-state");
    button.append(chip.letters, element("span", "name-word", name), chip.state);
    const more = element("button", "name-more", "⋯");
    more.type = "button";
    more.dataset.more = name;
    more.setAttribute("aria-label", this.words.more.replace("{}", name));
    more.setAttribute("aria-haspopup", "true");
    chip.append(button, more);
    chip.switch = button;
    this.chips.set(name, chip);
    this.box.append(chip);
  }

  fill(chip, name) {
    const streams = this.names.streams.filter((stream) => stream.container === name);
    const key = streams.map((stream) => `${stream.letter}${this.isOver(stream)}`).join();
    if (chip.key !== key) {
      chip.key = key;
      const running = streams.filter((stream) => !this.isOver(stream));
      const shown = (streams.length > LETTERS_SHOWN && running.length ? running : streams).slice(0, LETTERS_SHOWN);
      chip.letters.replaceChildren(...shown.flatMap((stream) => this.letter(stream)));
      if (streams.length > shown.length) chip.letters.append(element("small", "", `+${streams.length - shown.length}`));
    }
    const state = this.worst(streams);
    const isMuted = this.names.muted.has(name);
    chip.state.textContent = isMuted ? this.words.muted : (this.words[state.replace(/-(\w)/, (_, letter) => letter.toUpperCase())] ?? "");
    chip.state.className = `name-state tone-${STATE_TONES[state] ?? "quiet"}`;
    chip.switch.title = streams.map((stream) => stream.detail).find(Boolean) ?? "";
    chip.switch.setAttribute("aria-pressed", String(this.names.isNameOn(name)));
  }

  // Of a range every stream is read to its end, and its container may go on.
  isOver(stream) {
    return !stream.isHere || (this.tellsEnds && stream.state === "ended");
  }

  letter(stream) {
    const letter = element("b", `letter s${stream.colour}`, stream.letter);
    letter.title = stream.title;
    if (!this.isOver(stream)) return [letter];
    letter.classList.add("is-over");
    letter.title += ` · ${this.words.ended}`;
    return [letter, element("small", "sr-only", this.words.ended)];
  }

  // What is wrong first: a chip says the worst of its streams, and that they ended only if all did.
  worst(streams) {
    const states = new Set(streams.filter((stream) => !this.isOver(stream)).map((stream) => stream.state));
    if (!states.size) return "ended";
    return ["refused", "cut", "waiting", "connecting", "catching-up", "live"].find((state) => states.has(state)) ?? "";
  }

  clicked(button) {
    if (!button) return;
    if (button.dataset.more) this.open(button);
    else {
      this.names.toggle(button.dataset.name);
      this.changed();
    }
  }

  open(button) {
    this.name = button.dataset.more;
    this.opener = button;
    const { solo, muted } = this.names;
    for (const item of this.menu.querySelectorAll("button")) {
      const is = { only: solo.has(this.name), mute: muted.has(this.name) }[item.dataset.do];
      if (is !== undefined) item.setAttribute("aria-pressed", String(is));
    }
    this.menu.showPopover();
    const box = button.getBoundingClientRect();
    this.menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - this.menu.offsetWidth - 8))}px`;
    this.menu.style.top = `${Math.min(box.bottom + 6, innerHeight - this.menu.offsetHeight - 8)}px`;
    this.menu.querySelector("button").focus();
  }

  choose(what) {
    if (!what) return;
    if (what === "only") this.names.only(this.name);
    else if (what === "all") this.names.showAll();
    else if (this.names.muted.has(this.name)) this.names.show(this.name);
    else this.names.mute(this.name);
    this.menu.hidePopover();
    this.opener.focus();
    this.changed();
  }

  changed() {
    this.draw();
    this.onChange();
  }
}
