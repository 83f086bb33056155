// The switches of the names: a chip for each container name and the letters of its streams, and one menu
// for "only this", "mute" and "show all".
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
    const key = streams.map((stream) => `${stream.letter}${stream.isHere}`).join();
    if (chip.key !== key) {
      chip.key = key;
      const shown = streams.filter((stream) => stream.isHere || streams.length <= LETTERS_SHOWN).slice(0, LETTERS_SHOWN);
      chip.letters.replaceChildren(
        ...shown.map((stream) => {
          const letter = element("b", `letter s${stream.colour}`, stream.letter);
          letter.title = stream.title;
          return letter;
        }),
      );
      if (streams.length > shown.length) chip.letters.append(element("small", "", `+${streams.length - shown.length}`));
    }
    const state = this.worst(streams);
    const isMuted = this.names.muted.has(name);
    chip.state.textContent = isMuted ? this.words.muted : (this.words[state.replace(/-(\w)/, (_, letter) => letter.toUpperCase())] ?? "");
    chip.state.className = `name-state tone-${STATE_TONES[state] ?? "quiet"}`;
    chip.switch.title = streams.map((stream) => stream.detail).find(Boolean) ?? "";
    chip.switch.setAttribute("aria-pressed", String(this.names.isNameOn(name)));
  }

  // What is wrong first: a chip says the worst of its streams.
  worst(streams) {
    const states = new Set(streams.filter((stream) => stream.isHere).map((stream) => stream.state));
    if (!states.size) return "ended";
    return ["refused", "cut", "waiting", "connecting", "catching-up"].find((state) => states.has(state)) ?? [...states][0];
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
