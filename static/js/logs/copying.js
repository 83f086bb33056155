// Lines as text: as they are shown, with time and name, also those that are not in sight.
import { exact } from "./clock.js";
import { plain } from "./sgr.js";

const CHUNK = 5000;

export class Lines {
  constructor(buffer, names, state) {
    Object.assign(this, { buffer, names, state });
  }

  text(number) {
    const { buffer, names, state } = this;
    const stream = names.streams.length > 1 ? names.at(buffer.stream(number)) : null;
    const parts = [plain(buffer.text(number))];
    if (stream) parts.unshift(stream.label);
    if (state.times !== "off" && buffer.ms(number)) parts.unshift(exact(buffer.ms(number), buffer.ns(number)));
    return parts.join(" ");
  }

  // Of these places of a view; rows that are gone are left out.
  of(shown, start, end) {
    const texts = [];
    for (let at = Math.max(start, shown.start); at < Math.min(end, shown.end); at += 1) texts.push(this.text(shown.at(at)));
    return texts;
  }

  // The same in portions, so that the page stays alive.
  async between(shown, start, end) {
    const texts = [];
    for (let place = start; place < end; place += CHUNK) {
      texts.push(...this.of(shown, place, Math.min(place + CHUNK, end)));
      await new Promise((resolve) => setTimeout(resolve));
    }
    return { text: `${texts.join("\n")}\n`, count: texts.length };
  }
}
