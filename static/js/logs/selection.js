// Text that is selected over several rows is copied as whole lines, as the Copy button does, and a selection lets
// go of following, so that no text runs away under the mouse. Without one, Ctrl+C copies the chosen rows.
const rowAt = (node) => (node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement)?.closest(".row") ?? null;

// Not where the selection only ends before a row, as after a triple click.
function hasText(range, row) {
  const own = document.createRange();
  own.selectNodeContents(row);
  if (range.compareBoundaryPoints(Range.START_TO_START, own) > 0) own.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, own) < 0) own.setEnd(range.endContainer, range.endOffset);
  return [...own.getClientRects()].some((rect) => rect.width > 0);
}

export class Selection {
  // onCopy(event, start, end): these places of the view.
  constructor(list, chosen, onCopy) {
    Object.assign(this, { list, chosen, onCopy, isNew: false, ends: [] });
    document.addEventListener("selectstart", ({ target }) => this.begins(target));
    document.addEventListener("selectionchange", () => this.changed());
    document.addEventListener("copy", (event) => this.copied(event));
  }

  begins(node) {
    this.isNew = true;
    this.ends = [rowAt(node)?.number ?? -1];
  }

  changed() {
    const selection = getSelection();
    if (selection.isCollapsed || !this.list.scroller.contains(selection.anchorNode)) return;
    const number = rowAt(selection.focusNode)?.number;
    if (number >= 0) this.ends[1] = number;
    // Not later: rows that go change it, too, and one may follow again meanwhile.
    if (this.isNew || this.chosen.isPressing) this.list.setFollowing(false);
    this.isNew = false;
  }

  // The first and the last number. Rows out of sight have no element: where it began and ended is remembered.
  touched(selection) {
    const range = selection.getRangeAt(0);
    const rows = this.list.rows.filter((row) => range.intersectsNode(row) && hasText(range, row));
    const gone = this.ends.filter((number) => this.list.view.buffer.has(number) && !this.list.rowOf(number));
    const numbers = [...rows.map((row) => row.number), ...gone];
    return numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [0, 0];
  }

  places(selection) {
    if (selection.isCollapsed) return this.chosen.bar.hidden ? [0, 0] : this.chosen.places();
    if (!this.list.scroller.contains(selection.anchorNode)) return [0, 0];
    const [from, to] = this.touched(selection);
    const { shown } = this.list.view;
    return from === to ? [0, 0] : [shown.placeOf(from), shown.placeOf(to + 1)]; // of one row's text the part is wanted
  }

  copied(event) {
    if (/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName)) return;
    const [start, end] = this.places(getSelection());
    if (end > start) this.onCopy(event, start, end);
  }
}
