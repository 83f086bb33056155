// From hit to hit: the count, the place among them, and the row that is gone to.
import { announce } from "../announce.js";

const SAID_CHARS = 300;

export class Hits {
  constructor({ view, list, chosen, search, lines }) {
    Object.assign(this, { view, list, chosen, search, lines });
    this.forget();
  }

  forget() {
    this.at = -1;
    this.beside = -1; // the row whose hit may lie beyond an edge
  }

  draw() {
    const { view, search } = this;
    if (view.coming) search.showBusy();
    else search.showCount(this.at >= 0 && view.hits.includes(this.at) ? this.placeOf(this.at) : 0, view.hits.length);
    if (this.beside >= 0) this.bring();
  }

  // The marks of an expression come later than the row.
  bring() {
    const row = this.list.rowOf(this.beside);
    const mark = row?.parts.text.querySelector("mark");
    if (mark) this.list.sides.bring(mark);
    if (mark || !row) this.beside = -1;
  }

  placeOf(number) {
    return this.view.hits.placeOf(number) - this.view.hits.start + 1;
  }

  // `by`: 1 or -1; after the last comes the first. The first step goes on from what is in sight.
  step(by) {
    const { hits } = this.view;
    if (!hits.length) return;
    const here = this.at >= 0 ? this.at : (this.list.here()?.number ?? 0);
    const near = hits.placeOf(here);
    const next = by > 0 ? near + (here === this.at && hits.includes(here) ? 1 : 0) : near - 1;
    const place = next >= hits.end ? hits.start : next < hits.start ? hits.end - 1 : next;
    this.at = hits.at(place);
    this.beside = this.at;
    this.list.reveal(this.at);
    this.chosen.choose(this.at, false);
    announce(`${this.placeOf(this.at)}/${hits.length}: ${this.lines.text(this.at).slice(0, SAID_CHARS)}`);
  }
}
