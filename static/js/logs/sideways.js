// How wide the widest row in sight has been, where rows do not wrap: so far the list scrolls to the side. It
// only grows until the rows are others, so that the bar does not jump while one scrolls up and down.
export class Sideways {
  constructor({ scroller, head, canvas, box }) {
    Object.assign(this, { scroller, head, canvas, box, widest: 0, drawn: 0, left: 0 });
  }

  // The canvas stays as it is until the next rows are measured: one who has scrolled stays there.
  reset() {
    this.widest = 0;
    this.box.style.minWidth = "";
  }

  // The box is as wide as its rows; rows keep their overflow to themselves.
  measure() {
    this.widest = Math.max(this.widest, this.box.offsetWidth);
  }

  // 0, where rows wrap: as wide as the list.
  write() {
    if (this.drawn === this.widest) return;
    this.drawn = this.widest;
    const width = this.widest ? `${this.widest}px` : "";
    this.canvas.style.width = width;
    this.box.style.minWidth = width;
    this.head.style.minWidth = width;
  }

  // How far the bar was moved since it was asked for.
  moved() {
    const before = this.left;
    this.left = this.scroller.scrollLeft;
    return Math.abs(this.left - before);
  }

  // Scrolls to the side as far as it takes to see the element, with what stands before it.
  bring(element) {
    const { scroller } = this;
    const { left, right } = element.getBoundingClientRect();
    const start = scroller.getBoundingClientRect().left;
    if (left >= start && right <= start + scroller.clientWidth) return;
    const at = scroller.scrollLeft + left - start;
    const isNear = at + right - left <= scroller.clientWidth;
    scroller.scrollLeft = isNear ? 0 : at - scroller.clientWidth / 3;
  }
}
