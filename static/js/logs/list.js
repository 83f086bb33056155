// The virtual list: only the rows in sight are elements. `draw` is called once per animation frame; it
// writes, measures at most once (rows that wrap or are folded out), and writes again.
import { Heights } from "./heights.js";
import { Scale } from "./scale.js";
import { Sideways } from "./sideways.js";

const OVERSCAN_PX = 160;
const MOST_ROWS = 400;
const NEAR_PX = 40;
const SETTLE_MS = 150;

export class VirtualList {
  // scroller > head + canvas > rows. painter: create(), fill(row, number), height(number), isMeasured(number), isWide.
  constructor({ scroller, head, canvas, rows, view, painter, onDraw, onFollow }) {
    Object.assign(this, { scroller, head, canvas, box: rows, view, painter, onDraw, onFollow });
    this.heights = new Heights(view.buffer.capacity);
    this.scale = new Scale();
    this.sides = new Sideways(this);
    this.rows = [];
    this.pool = [];
    this.from = 0;
    this.top = 0;
    this.isFollowing = true;
    this.isFlooded = false; // more came between two drawings than was in sight
    this.isDirty = true;
    this.anchor = null;
    this.readSize();
    new ResizeObserver(() => this.resized()).observe(scroller);
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    scroller.addEventListener("wheel", (event) => this.wheeled(event), { passive: true });
  }

  get y() {
    return this.top + this.scale.offset;
  }

  get end() {
    return Math.max(0, this.heights.total - this.height);
  }

  readSize() {
    this.height = Math.max(1, this.scroller.clientHeight - this.head.offsetHeight);
    this.width = this.scroller.clientWidth;
  }

  resized() {
    const { width } = this;
    this.readSize();
    if (this.width !== width) this.rebuild();
    else this.redraw();
  }

  redraw() {
    this.isDirty = true;
    this.onDraw();
  }

  // Other rows, or the same at other heights: what is under the eyes stays there.
  rebuild(anchor = this.here()) {
    const { shown } = this.view;
    this.heights.reset(shown.start);
    this.scale.offset = 0;
    this.sides.reset();
    this.recycle(this.rows.splice(0));
    this.measure();
    if (!this.isFollowing && anchor) this.anchor = anchor;
    this.redraw();
  }

  // The row at the upper edge and how far it is cut off.
  here() {
    if (!this.heights.total) return null;
    if (this.anchor) return this.anchor;
    const { place, top } = this.heights.find(this.y);
    return { number: this.view.shown.at(place), cut: this.y - top };
  }

  measure() {
    const { shown } = this.view;
    for (let place = this.heights.end; place < shown.end; place += 1) {
      this.heights.push(this.painter.height(shown.at(place)));
    }
  }

  setFollowing(isOn) {
    if (this.isFollowing === isOn) return;
    this.isFollowing = isOn;
    this.isFlooded = false;
    this.anchor = null;
    this.onFollow(isOn);
    this.redraw();
  }

  letGo() {
    if (this.heights.total > this.height) this.setFollowing(false);
  }

  // Up, not to the side: the wheel with Shift, or two fingers that are never quite level.
  wheeled({ deltaX, deltaY, shiftKey }) {
    if (!shiftKey && -deltaY > Math.abs(deltaX)) this.letGo();
  }

  scrolled() {
    if (this.mustScroll) return; // told of the last drawing's scroll: where the next one goes is decided
    const top = this.scroller.scrollTop;
    const isSideways = this.sides.moved() > Math.abs(top - this.top);
    if (Math.abs(top - this.top) < 1.5) return;
    const before = this.top;
    this.anchor = null;
    const y = this.scale.moved(top, before, this.heights.total, this.height);
    this.top = top;
    this.scale.offset = y - top;
    // Where the rows end before their old place the browser moves the bar up: that is not the viewer's wish.
    const isCutOff = top + this.scroller.clientHeight >= this.scroller.scrollHeight - 1;
    const isUp = top < before && !isCutOff;
    if (isUp && !isSideways) this.letGo();
    else if (!isUp && y >= this.end - NEAR_PX) this.setFollowing(true);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), SETTLE_MS);
    this.redraw();
  }

  // After a scroll the bar is put where it belongs; while it moves, that would stop it.
  settle() {
    if (this.isFollowing || !this.scale.offset) return;
    this.moveTo(this.y);
    this.draw(); // at once: a move of the viewer before the next frame would be measured from the wrong place
  }

  moveTo(y) {
    const { total } = this.heights;
    const kept = Math.max(0, Math.min(y, this.end));
    this.setTop(this.scale.place(kept, total, this.height));
    this.redraw();
  }

  setTop(top) {
    if (this.top === top) return;
    this.top = top;
    this.mustScroll = true;
  }

  reveal(number) {
    const place = this.view.shown.placeOf(number);
    if (place >= this.view.shown.end || this.view.shown.at(place) !== number) return false;
    this.setFollowing(false);
    this.measure();
    const at = this.heights.offset(place);
    if (at < this.y || at + this.painter.height(number) > this.y + this.height) this.moveTo(at - this.height / 3);
    return true;
  }

  // Scrolls as far as a row that has grown needs it, but never past its beginning.
  showWhole(number) {
    const place = this.view.shown.placeOf(number);
    if (place >= this.view.shown.end || !this.rowOf(number)) return;
    this.draw(); // measures it
    const at = this.heights.offset(place);
    const end = this.heights.offset(place + 1);
    if (end > this.y + this.height) this.moveTo(Math.min(at, end - this.height));
  }

  rowOf(number) {
    return this.rows.find((row) => row.number === number) ?? null;
  }

  draw() {
    const { shown } = this.view;
    const removed = this.heights.dropTo(shown.start);
    if (removed) this.scale.removed(removed);
    const grown = this.heights.end;
    this.measure();
    const come = this.heights.end - grown;
    this.isFlooded = this.isFollowing && come > 0 && come >= this.rows.length;
    if (this.isFollowing && come) this.isDirty = true;
    if (!this.isDirty && !removed && !this.fitsNot()) {
      this.setCanvas();
      return this.scroll();
    }
    this.isDirty = false;
    if (this.anchor) this.goToAnchor();
    else if (this.isFollowing || this.y > this.end) this.setTop(this.scale.place(this.end, this.heights.total, this.height));
    else if (this.y < 0) this.setTop(this.scale.place(0, this.heights.total, this.height));
    this.reconcile();
    this.setCanvas(); // before anything is measured: one layout serves all
    if (this.painter.isWide) this.sides.measure();
    if (this.correct()) {
      this.reconcile();
      this.setCanvas();
    }
    this.scroll();
    this.sides.write();
    return undefined;
  }

  // New rows came below a list that did not fill its height.
  fitsNot() {
    return this.from + this.rows.length < this.heights.end && this.drawnTo < this.y + this.height;
  }

  goToAnchor() {
    const place = Math.min(this.view.shown.placeOf(this.anchor.number), this.heights.end - 1);
    const y = Math.max(0, Math.min(this.heights.offset(place) + this.anchor.cut, this.end));
    this.setTop(this.scale.place(y, this.heights.total, this.height));
    this.anchor = null;
  }

  reconcile() {
    const { place: from, top } = this.heights.find(Math.max(0, this.y - OVERSCAN_PX));
    const bottom = this.y + this.height + OVERSCAN_PX;
    const { rows, capacity } = this.heights;
    let to = from;
    let y = top;
    while (to < this.heights.end && y < bottom && to - from < MOST_ROWS) {
      y += rows[to % capacity];
      to += 1;
    }
    this.drawnTo = y;
    this.replace(from, to);
    this.windowTop = top;
  }

  // Rows that stay keep their element; when none does, the elements take the new rows in their places,
  // which is what a fast stream needs at every frame.
  replace(from, to) {
    const { shown } = this.view;
    const isOther = from >= this.from + this.rows.length || to <= this.from;
    if (isOther) {
      this.from = from;
      this.recycle(this.rows.splice(Math.min(this.rows.length, to - from)));
      for (const [at, row] of this.rows.entries()) this.refillRow(row, shown.at(from + at), from + at);
    }
    const before = Math.max(0, Math.min(from - this.from, this.rows.length));
    this.recycle(this.rows.splice(0, before));
    this.from = this.rows.length ? this.from + before : from;
    const kept = Math.max(0, to - this.from);
    if (kept < this.rows.length) this.recycle(this.rows.splice(kept));
    if (!this.rows.length) this.from = from;
    const above = [];
    for (let place = from; place < this.from; place += 1) above.push(this.make(shown.at(place), place));
    if (above.length) this.box.prepend(...above);
    this.rows.unshift(...above);
    this.from = from;
    const below = [];
    for (let place = from + this.rows.length; place < to; place += 1) below.push(this.make(shown.at(place), place));
    if (below.length) this.box.append(...below);
    this.rows.push(...below);
  }

  make(number, place) {
    const row = this.pool.pop() ?? this.painter.create();
    this.refillRow(row, number, place);
    return row;
  }

  refillRow(row, number, place) {
    if (row.number !== number) this.releaseFocus(row);
    row.place = place;
    this.painter.fill(row, number);
    row.isMeasured = !this.painter.isMeasured(number);
  }

  // The list itself takes the focus of a row that goes, so that the keys go on working.
  releaseFocus(row) {
    if (document.activeElement !== document.body && row.contains(document.activeElement)) {
      this.scroller.focus({ preventScroll: true });
    }
  }

  recycle(rows) {
    for (const row of rows) {
      this.releaseFocus(row);
      row.remove();
      row.number = -1;
      if (this.pool.length < MOST_ROWS) this.pool.push(row);
    }
  }

  // Fills rows in sight anew: other words, other marks, a fold.
  refill(numbers = null) {
    for (const row of this.rows) {
      if (numbers && !numbers.has(row.number)) continue;
      this.painter.fill(row, row.number);
      row.isMeasured = false;
    }
    this.redraw();
  }

  // Real heights instead of estimated ones. True if rows have to be drawn or moved for it.
  correct() {
    const unmeasured = this.rows.filter((row) => !row.isMeasured);
    if (!unmeasured.length) return false;
    const first = this.heights.find(this.y);
    const cut = this.y - first.top;
    const real = unmeasured.map((row) => row.offsetHeight);
    let changed = false;
    for (const [at, row] of unmeasured.entries()) {
      row.isMeasured = true;
      if (this.heights.set(row.place, real[at])) changed = true;
    }
    if (!changed) return false;
    if (this.isFollowing) this.setTop(this.scale.place(this.end, this.heights.total, this.height));
    else this.scale.offset = Math.min(this.heights.offset(first.place) + cut, Math.max(this.end, 0)) - this.top;
    this.isDirty = true;
    this.onDraw();
    return true;
  }

  setCanvas() {
    const height = Math.max(0, this.scale.canvas(this.heights.total));
    if (height !== this.canvasHeight) {
      this.canvasHeight = height;
      this.canvas.style.height = `${height}px`;
    }
    const at = Math.round(this.windowTop - this.scale.offset);
    if (at !== this.drawnAt) {
      this.drawnAt = at;
      this.box.style.transform = `translateY(${at}px)`;
    }
  }

  scroll() {
    if (this.mustScroll) {
      this.mustScroll = false;
      this.scroller.scrollTop = this.top;
    }
  }
}
