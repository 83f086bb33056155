// The row one stands at, by key or click, and a range of rows from there by Shift. A bar below the list,
// where it covers no line, offers what can be done: fold out or in, copy, link.

export class Chosen {
  // bar: the element; do: { fold(number), isFolded(number), copy(start, end), link(number) }.
  constructor(list, bar, words, actions) {
    Object.assign(this, { list, bar, words, actions });
    this.active = -1;
    this.anchor = -1;
    this.count = bar.querySelector("[data-count]");
    this.folding = bar.querySelector("[data-do=fold]");
    list.scroller.addEventListener("click", (event) => this.clicked(event));
    list.scroller.addEventListener("keydown", (event) => this.pressed(event));
    list.scroller.addEventListener("focusin", (event) => this.focused(event.target));
    // A press focuses the row, too; what it means is decided by the click, which knows of Shift and of text.
    list.scroller.addEventListener("pointerdown", () => (this.isPressing = true));
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => (this.isPressing = false));
    bar.addEventListener("click", (event) => this.act(event.target.closest("button")?.dataset.do));
  }

  get range() {
    return this.anchor < 0 ? [this.active, this.active] : [Math.min(this.anchor, this.active), Math.max(this.anchor, this.active)];
  }

  has(number) {
    if (this.active < 0) return false;
    const [from, to] = this.range;
    return number >= from && number <= to;
  }

  // From which place in the view to before which.
  places() {
    const { shown } = this.list.view;
    const [from, to] = this.range;
    return [shown.placeOf(from), shown.placeOf(to + 1)];
  }

  clicked(event) {
    const row = event.target.closest(".row");
    if (!row || event.target.closest("button, a") || (!event.shiftKey && !getSelection().isCollapsed)) return;
    if (event.shiftKey) getSelection().removeAllRanges();
    this.choose(row.number, event.shiftKey);
  }

  focused(target) {
    if (!this.isPressing && target.classList.contains("row") && !this.has(target.number)) this.choose(target.number, false);
  }

  choose(number, isRange) {
    if (isRange && this.active >= 0) this.anchor = this.anchor < 0 ? this.active : this.anchor;
    else this.anchor = -1;
    this.active = number;
    this.list.refill();
  }

  clear() {
    this.active = -1;
    this.anchor = -1;
    this.list.refill();
  }

  // `by` rows further; the focus goes along, so that a screen reader reads the row.
  step(by, isRange) {
    const { shown } = this.list.view;
    if (!shown.length) return;
    const here = this.active < 0 ? shown.placeOf(this.list.here()?.number ?? 0) : shown.placeOf(this.active) + by;
    const number = shown.at(Math.max(shown.start, Math.min(here, shown.end - 1)));
    this.choose(number, isRange);
    this.goTo(number);
  }

  goTo(number) {
    this.list.reveal(number);
    this.list.draw();
    this.list.rowOf(number)?.focus({ preventScroll: true });
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button, a")) return;
    if (event.key === "PageUp") this.list.letGo(); // before new rows pull the list down again
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) this.step(by, event.shiftKey);
    else if (event.key === "Enter" && this.active >= 0) this.actions.fold(this.active);
    else if (event.key === "Home") this.list.view.shown.length && this.goToEdge(this.list.view.shown.start);
    else if (event.key === "End") this.list.setFollowing(true);
    else return;
    event.preventDefault();
  }

  goToEdge(place) {
    const number = this.list.view.shown.at(place);
    this.choose(number, false);
    this.goTo(number);
  }

  act(what) {
    if (what === "clear") this.clear();
    else if (what === "copy") this.actions.copy(...this.places());
    else if (what) this.actions[what](this.active);
  }

  draw() {
    const [from, to] = this.range;
    const isRange = from !== to;
    this.bar.hidden = this.active < 0 || (!isRange && !this.list.view.buffer.has(this.active));
    if (this.bar.hidden) return;
    this.bar.classList.toggle("is-range", isRange);
    const [start, end] = this.places();
    const said = isRange ? this.words.chosen.replace("{}", (end - start).toLocaleString()) : "";
    if (this.count.textContent !== said) this.count.textContent = said;
    this.drawFolding(this.actions.isFolded(this.active));
  }

  drawFolding(isFolded) {
    const word = isFolded ? this.folding.dataset.in : this.folding.dataset.out;
    if (this.folding.title.startsWith(`${word} `)) return;
    this.folding.title = `${word} (Enter)`;
    this.folding.querySelector("span").textContent = word;
  }
}
