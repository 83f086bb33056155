// Between the scroll bar and the rows. A browser's element ends at about 16 million pixels, 200,000
// wrapped rows may be higher: then the bar stands for a part of the way, and a small move is exact.
// `offset`: what to add to the bar's position to get the place in the rows. It also takes up what the
// oldest rows leave behind, so that nothing moves under the eyes of who reads further up.
const MOST_PX = 15_000_000;

export class Scale {
  constructor(most = MOST_PX) {
    this.most = most;
    this.offset = 0;
  }

  // How high the scrolled element is.
  canvas(total) {
    return Math.min(this.most, total > this.most ? this.most : total - this.offset);
  }

  // The oldest rows went: everything else came nearer to the top by so much.
  removed(height) {
    this.offset -= height;
  }

  // Where the bar has to stand to show the rows from `y` on.
  place(y, total, view) {
    const top = total > this.most ? Math.round((y / Math.max(1, total - view)) * (this.most - view)) : y;
    this.offset = y - top;
    return top;
  }

  // The rows' place after the viewer moved the bar from `before` to `top`.
  moved(top, before, total, view) {
    if (total > this.most && (Math.abs(top - before) > 2 * view || top <= 0 || top >= this.most - view)) {
      const y = (top / (this.most - view)) * (total - view);
      this.offset = y - top;
    }
    return Math.max(0, Math.min(top + this.offset, total - view));
  }

  // Whether the bar has drifted away from where it would be drawn anew.
  hasDrifted(total, top) {
    return total > this.most ? false : this.offset !== 0 || top + this.offset < 0;
  }
}
