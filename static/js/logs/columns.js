// Fields of JSON lines as columns: the head names them and takes them away again.
export class Columns {
  constructor(head, state, words, onChange) {
    Object.assign(this, { head, state, words, onChange });
    head.addEventListener("click", (event) => {
      const path = event.target.closest("button")?.dataset.drop;
      if (path) this.drop(path);
    });
    this.draw();
  }

  toggle(path) {
    if (this.state.columns.includes(path)) this.drop(path);
    else {
      this.state.columns.push(path);
      this.changed();
    }
  }

  drop(path) {
    this.state.columns.splice(this.state.columns.indexOf(path), 1);
    this.changed();
  }

  changed() {
    this.draw();
    this.onChange();
  }

  draw() {
    this.head.hidden = !this.state.columns.length;
    this.head.replaceChildren(
      ...this.state.columns.map((path) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "cell";
        button.dataset.drop = path;
        button.textContent = `${path} ×`;
        button.setAttribute("aria-label", this.words.dropColumn.replace("{}", path));
        return button;
      }),
    );
  }
}
