// When the page is drawn: at the next animation frame. While more comes than a screenful at a time nobody reads
// each line: ten drawings a second do, in tasks of their own, apart from the browser's painting, so that no
// task is long.
const FLOOD_MS = 100;

export class Frames {
  // draw(): once for any number of `ask`. isFlooded(): nothing of what is drawn will still be in sight.
  constructor(draw, isFlooded) {
    Object.assign(this, { draw, isFlooded, isAsked: false, timer: 0, drawnAt: 0 });
  }

  ask() {
    const isFlooded = this.isFlooded();
    if (this.isAsked && (isFlooded || !this.timer)) return;
    clearTimeout(this.timer); // whoever scrolls in a flood is not kept waiting
    this.timer = 0;
    this.isAsked = true;
    if (isFlooded) this.timer = setTimeout(() => this.now(), Math.max(0, this.drawnAt + FLOOD_MS - performance.now()));
    else requestAnimationFrame(() => this.now());
  }

  now() {
    this.isAsked = false;
    this.timer = 0;
    this.drawnAt = performance.now();
    this.draw();
  }
}
