// How the rows are shown: times, wrapping and the full screen. Times and wrapping are kept for the next log.
import { prefer } from "./preference.js";
import { showRange } from "./range.js";

const TIMES = ["local", "utc", "off"];

export class Looks {
  // onChange(): rows have other words or heights. onResize(): there is another room for them.
  constructor(panel, state, { range, onChange, onResize }) {
    Object.assign(this, { state, range, onChange, onResize });
    this.wrap = panel.querySelector("[data-wrap]");
    this.full = panel.querySelector("[data-full]");
    this.times = panel.querySelectorAll("button[data-times]");
    this.press(this.wrap, state.wraps);
    this.wrap.addEventListener("click", () => this.toggleWrap());
    this.full.addEventListener("click", () => this.toggleFull());
    for (const button of this.times) button.addEventListener("click", () => this.chooseTimes(button.dataset.times));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && document.documentElement.classList.contains("log-full")) this.toggleFull();
    });
  }

  press(button, isOn) {
    button.setAttribute("aria-pressed", String(isOn));
  }

  setTimes(times) {
    this.state.times = times;
    showRange(this.range, times);
    for (const button of this.times) this.press(button, button.dataset.times === times);
    this.onChange();
  }

  chooseTimes(times) {
    prefer({ times });
    this.setTimes(times);
  }

  cycleTimes() {
    this.chooseTimes(TIMES[(TIMES.indexOf(this.state.times) + 1) % TIMES.length]);
  }

  toggleWrap() {
    this.state.wraps = !this.state.wraps;
    prefer({ wraps: this.state.wraps });
    this.press(this.wrap, this.state.wraps);
    this.onChange();
  }

  toggleFull() {
    const isOn = document.documentElement.classList.toggle("log-full");
    this.press(this.full, isOn);
    if (isOn) document.documentElement.requestFullscreen?.().catch(() => {}); // the page is full anyway
    else if (document.fullscreenElement) document.exitFullscreen();
    this.onResize();
  }
}
