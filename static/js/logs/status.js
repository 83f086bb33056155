// What the page says about the stream: connection, how far behind, how much is shown and dropped; and the
// summary for a screen reader, which hears how much came, not every line.
import { announce } from "../announce.js";

const SUMMARY_MS = 10_000;
const TONES = { live: "ok", ended: "accent", range: "accent", previous: "accent", connecting: "accent", catching: "accent", paused: "accent" };
const TROUBLE = new Set(["waiting", "cut", "closed", "crowded"]);

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

export class Status {
  constructor(live, buffer, view, words) {
    Object.assign(this, { live, buffer, view, words });
    this.badge = document.getElementById("log-state");
    this.counts = document.getElementById("log-counts");
    this.behind = document.getElementById("log-behind");
    this.crowded = document.getElementById("log-crowded");
    this.follow = document.querySelector("[data-follow]");
    this.said = buffer.written;
    this.title = document.title;
    setInterval(() => this.speak(), SUMMARY_MS);
    this.behind.querySelector("button").addEventListener("click", () => live.skip());
  }

  draw() {
    const { live, badge, words } = this;
    if (badge.dataset.phase !== live.phase) {
      badge.dataset.phase = live.phase;
      document.title = (TROUBLE.has(live.phase) ? "⚠ " : "") + this.title;
      badge.className = `live badge badge-${TONES[live.phase] ?? "warn"}`;
      this.crowded.hidden = live.phase !== "crowded";
      this.follow.hidden = live.isOver; // nothing comes that could be followed
    }
    const isReasoned = live.phase === "stopped" && live.reason;
    write(badge, isReasoned ? badge.dataset.stoppedWhy.replace("{}", () => live.reason) : badge.dataset[live.phase]);
    const seconds = Math.round(live.behind);
    this.behind.hidden = !(live.behind >= 1) || live.isOver;
    if (!this.behind.hidden) write(this.behind.querySelector("span"), words.behind.replace("{}", seconds.toLocaleString()));
    write(this.counts, this.countsText());
  }

  countsText() {
    const { buffer, view, words, live } = this;
    const all = buffer.lines.toLocaleString();
    const isPart = view.lines !== buffer.lines;
    const parts = [isPart ? words.part.replace("{0}", view.lines.toLocaleString()).replace("{1}", all) : words.all.replace("{}", all)];
    if (buffer.dropped) parts.push(words.dropped.replace("{}", buffer.dropped.toLocaleString()));
    const followed = live.names.streams.filter((stream) => stream.isHere).length;
    if (live.available > followed) parts.push(words.capped.replace("{0}", followed).replace("{1}", live.available));
    return parts.join(" · ");
  }

  speak() {
    const count = this.buffer.written - this.said;
    this.said = this.buffer.written;
    if (count > 0 && !document.hidden) announce(this.words.said.replace("{}", count));
  }
}
