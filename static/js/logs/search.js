// The search field and its switches: from them comes the question that the view answers. A text that is
// no expression, or one that takes too long, is told and not applied.
import { LEVELS } from "./levels.js";
import { patternOf } from "./pattern.js";

const TYPING_MS = 120;

export class Search {
  constructor(form, state, words, { onQuestion, onStep }) {
    Object.assign(this, { form, state, words, onQuestion, onStep });
    this.field = form.querySelector("input[name=q]");
    this.count = document.getElementById("log-hits");
    this.problem = document.getElementById("log-search-problem");
    this.level = form.querySelector("select[name=level]");
    this.unknown = form.querySelector("input[name=nolevel]");
    this.context = form.querySelector("select[name=context]");
    this.pattern = null;
    this.typing = 0;
    this.readPattern();
    this.draw();
    this.listen();
  }

  listen() {
    const { form, field, state } = this;
    field.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.changed({}), TYPING_MS);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      if (field.value !== state.text) this.changed({ text: field.value });
      else this.onStep(event.shiftKey ? -1 : 1);
    });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const { flag, mode, step } = button?.dataset ?? {};
      if (flag) this.changed({ [flag]: !state[flag] });
      if (mode) this.changed({ isFilter: mode === "filter" });
      if (step) this.onStep(Number(step));
    });
    this.level.addEventListener("change", () => this.changed({ level: this.level.value }));
    this.unknown.addEventListener("change", () => this.changed({ withUnknown: this.unknown.checked }));
    this.context.addEventListener("change", () => this.changed({ context: Number(this.context.value) }));
  }

  // What was typed a moment ago belongs to the question, whatever is changed besides.
  changed(part) {
    if (this.typing) Object.assign(this.state, { text: this.field.value });
    clearTimeout(this.typing);
    this.typing = 0;
    Object.assign(this.state, part);
    this.readPattern();
    this.draw();
    this.onQuestion();
  }

  clear() {
    this.field.value = "";
    this.changed({ text: "", level: "", withUnknown: true, isInverted: false });
    this.field.focus();
  }

  readPattern() {
    const { text, isRegex, isCase } = this.state;
    try {
      this.pattern = patternOf(text, { isRegex, isCase });
      this.tell("");
    } catch {
      // What was looked for before stays applied while one types.
      this.tell(this.pattern ? this.words.noPattern : this.words.noPatternYet);
    }
  }

  // The expression took too long and was ended.
  refuse() {
    this.pattern = null;
    this.tell(this.words.slowPattern);
    this.onQuestion();
  }

  tell(problem) {
    this.problem.textContent = problem;
    this.problem.hidden = !problem;
    this.field.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  question(isOn) {
    const { isInverted, isFilter, level, withUnknown, context } = this.state;
    return { pattern: this.pattern, isInverted, isFilter, level: LEVELS.indexOf(level), withUnknown, context, isOn };
  }

  draw() {
    const { state, form } = this;
    if (document.activeElement !== this.field) this.field.value = state.text;
    this.level.value = state.level;
    this.unknown.checked = state.withUnknown;
    this.unknown.closest("label").hidden = !state.level;
    this.context.value = String(state.context);
    this.context.disabled = !state.isFilter;
    for (const button of form.querySelectorAll("[data-flag]")) {
      button.setAttribute("aria-pressed", String(state[button.dataset.flag]));
    }
    for (const button of form.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String((button.dataset.mode === "filter") === state.isFilter));
    }
  }

  // `place`: that of the hit one stands at, from 1; 0: at none.
  showCount(place, hits) {
    const text = !this.pattern ? "" : place ? `${place.toLocaleString()}/${hits.toLocaleString()}` : hits.toLocaleString();
    if (this.count.textContent !== text) this.count.textContent = text;
    this.count.title = this.pattern ? this.words.hits.replace("{}", hits.toLocaleString()) : "";
    for (const button of this.form.querySelectorAll("[data-step]")) button.disabled = !hits;
  }

  showBusy() {
    if (this.pattern) this.count.textContent = "…";
  }

  focus() {
    this.field.focus();
    this.field.select();
  }
}
