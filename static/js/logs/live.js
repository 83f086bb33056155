// The log's socket: rows go into the buffer, with the cursors by which a reconnect goes on. A tab that
// nobody sees lets its socket go after a while and goes on at its cursors when it is seen again.
import { openSocket } from "../socket.js";

const HIDDEN_MS = 30_000;
const SHOWN_NOTICES = -1;
const LEFT_SHOWN = 5;
const GONE = 4404;
const CURSORS_MOST = 100; // dashboard/log_cursor.py reads no more

// What a view that nothing more comes to has reached: of a range or a previous instance the container may
// well be running.
export function endOf(query) {
  const params = new URLSearchParams(query);
  if (params.get("previous") === "1") return "previous";
  return params.has("until") ? "range" : "ended";
}

export class Live {
  // words: { back, awake, left }. onChange(what): "rows" "streams" "state" "clear".
  constructor({ path, query, buffer, names, words, onChange }) {
    Object.assign(this, { query, buffer, names, words, onChange });
    this.cursors = {};
    this.phase = "connecting";
    this.behind = 0;
    this.atEnd = endOf(query);
    this.available = 0;
    this.problem = "";
    this.hasLines = false;
    this.wasOpen = false;
    this.wasHidden = false;
    this.isResuming = false;
    this.left = []; // while there was no connection
    this.socket = openSocket(path, {
      hello: () => ({ query: this.query, cursors: this.wanted() }),
      onFrame: (frame) => this.frames[frame.type]?.call(this, frame),
      onState: (state, detail) => this.stateIs(state, detail),
    });
    document.addEventListener("visibilitychange", () => this.seen(!document.hidden));
    if (document.hidden) this.seen(false); // opened in the background
  }

  frames = {
    open({ resumed }) {
      this.names.forgetIds();
      this.problem = "";
      if (!resumed && this.buffer.length) this.onChange("clear");
      if (!resumed) this.cursors = {};
      if (resumed && this.wasOpen) this.note("reconnect", this.wasHidden ? this.words.awake : this.words.back);
      this.wasOpen = true;
      this.wasHidden = false;
      this.isResuming = resumed;
      this.setPhase("live");
    },
    streams({ streams, available }) {
      this.available = available ?? streams.length;
      const followed = this.followed();
      this.names.update(streams);
      if (this.isResuming) this.left = followed.filter((stream) => !stream.isHere);
      this.isResuming = false;
      this.setPhase(this.phaseOf());
      this.onChange("streams");
    },
    lines({ rows, cursors, behind_s: behind }) {
      for (const [id, ms, ns, mark, text] of rows) {
        const told = id < 0 && mark === "leave" ? this.whoLeft(text) : text;
        this.buffer.push(id < 0 ? SHOWN_NOTICES : this.names.indexOf(id), ms, ns, mark, told);
      }
      Object.assign(this.cursors, cursors);
      this.behind = behind;
      this.hasLines = true;
      this.onChange("rows");
    },
    end() {
      this.behind = 0;
      this.setPhase(this.atEnd);
    },
    notice({ sentence, advice, code }) {
      this.problem = sentence;
      this.note(code === "cap" ? "cap" : "refused", [sentence, advice].filter(Boolean).join(" "));
    },
  };

  note(code, text) {
    this.buffer.push(SHOWN_NOTICES, 0, 0, code, text);
    this.onChange("rows");
  }

  followed() {
    return this.names.streams.filter((stream) => stream.isHere && stream.state !== "ended");
  }

  // Between two connections the server does not learn the names of those that left; this page knows them.
  whoLeft(told) {
    if (this.isResuming) this.frames.streams.call(this, { streams: [] }); // none is left to be listed
    const left = this.left.splice(0);
    if (!left.length) return told;
    const shown = left.slice(0, LEFT_SHOWN).map((stream) => `${stream.pod}/${stream.container}`);
    const more = left.length > shown.length ? ` +${left.length - shown.length}` : "";
    return this.words.left.replace("{}", () => shown.join(", ") + more);
  }

  // Of those that are followed: a view lives through many rollouts, a frame may be 64 KiB long and is read
  // only so far. Whose cursor is missing would be shown again: what ended long ago is the least likely to.
  wanted() {
    const here = this.names.streams.filter((stream) => stream.isHere && stream.key in this.cursors).reverse();
    const isOver = (stream) => stream.state === "ended" || stream.state === "refused";
    const kept = [...here.filter((stream) => !isOver(stream)), ...here.filter(isOver)].slice(0, CURSORS_MOST);
    return Object.fromEntries(kept.map(({ key }) => [key, this.cursors[key]]));
  }

  skip() {
    this.socket.send({ type: "skip" });
  }

  get isOver() {
    return this.phase === this.atEnd;
  }

  // Why nothing runs: "CrashLoopBackOff". That it waits for its turn ("cap") is the dashboard's own reason.
  get reason() {
    const stopped = this.names.streams.find((stream) => stream.isHere && stream.state === "waiting" && stream.detail !== "cap");
    return stopped?.detail ?? "";
  }

  phaseOf() {
    const states = this.names.streams.filter((stream) => stream.isHere).map((stream) => stream.state);
    const open = states.filter((state) => state !== "ended" && state !== "refused");
    if (states.length && !open.length) return this.atEnd;
    if (open.length && open.every((state) => state === "cut")) return "cut"; // of one alone its chip says so
    if (open.length && open.every((state) => state === "waiting")) return "stopped";
    if (states.includes("catching-up")) return "catching";
    return "live";
  }

  // What the nodes kept is here, of all that can be read.
  get isLoaded() {
    const { streams } = this.names;
    return streams.length > 0 && streams.every(({ state }) => state !== "connecting" && state !== "catching-up");
  }

  stateIs(state, { code } = {}) {
    if (state === "connecting" && !this.wasOpen) this.setPhase("connecting");
    else if (state === "waiting") this.setPhase(code === 4429 ? "crowded" : "waiting");
    else if (state === "paused") this.setPhase("paused");
    else if (state === "closed" && code !== 1000) this.setPhase(code === GONE ? "gone" : "closed");
  }

  setPhase(phase) {
    if (phase === this.phase) return;
    this.phase = phase;
    this.onChange("state");
  }

  seen(isSeen) {
    clearTimeout(this.hiding);
    if (!isSeen) this.hiding = setTimeout(() => this.rest(), HIDDEN_MS);
    else this.socket.resume();
  }

  rest() {
    this.wasHidden = true;
    this.socket.pause();
  }
}
