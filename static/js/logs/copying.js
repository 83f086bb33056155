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

  // Of these places of a view. In portions, so that the page stays alive; rows that go meanwhile are left out.
  async between(shown, start, end) {
    const texts = [];
    for (let place = start; place < end; place += CHUNK) {
      for (let at = Math.max(place, shown.start); at < Math.min(place + CHUNK, end); at += 1) {
        texts.push(this.text(shown.at(at)));
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
    return { text: `${texts.join("\n")}\n`, count: texts.length };
  }
}
