// Colours of a terminal (SGR sequences) as fixed classes. The server lets nothing else of the escape
// sequences through; a sequence that is not understood is left out.
const SEQUENCE = /\x1b\[([0-9;:]{0,32})m/g;
const FLAGS = { 1: "bold", 2: "dim", 3: "italic", 4: "under", 7: "inverse", 9: "strike" };
const CLEARED = { 22: ["bold", "dim"], 23: ["italic"], 24: ["under"], 27: ["inverse"], 29: ["strike"] };
// The six steps of a 256-colour cube's side.
const CUBE = [0, 95, 135, 175, 215, 255];

export function plain(text) {
  return text.includes("\x1b") ? text.replace(SEQUENCE, "") : text;
}

// One of the 8 colours of a terminal, or 8 for grey, that is nearest to what was asked.
function nearest(red, green, blue) {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return most < 90 ? 0 : most < 190 ? 8 : 7;
  const middle = (most + least) / 2;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}

function paletteColour(index) {
  if (index < 8) return index;
  if (index < 16) return index === 8 ? 8 : index - 8;
  if (index >= 232) return nearest(...Array(3).fill(8 + (index - 232) * 10));
  const cell = index - 16;
  return nearest(CUBE[Math.floor(cell / 36)], CUBE[Math.floor(cell / 6) % 6], CUBE[cell % 6]);
}

// 38;5;N and 38;2;R;G;B: the colour, and how many numbers were used up.
function longColour(numbers, at) {
  if (numbers[at] === 5) return [paletteColour(Math.min(255, numbers[at + 1] || 0)), 2];
  if (numbers[at] === 2) return [nearest(numbers[at + 1] || 0, numbers[at + 2] || 0, numbers[at + 3] || 0), 4];
  return [null, 1];
}

function apply(style, parameters) {
  const numbers = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at];
    if (code === 0) Object.assign(style, { ink: null, ground: null, flags: new Set() });
    else if (FLAGS[code]) style.flags.add(FLAGS[code]);
    else if (CLEARED[code]) for (const flag of CLEARED[code]) style.flags.delete(flag);
    else if (code >= 30 && code <= 37) style.ink = code - 30;
    else if (code >= 90 && code <= 97) style.ink = code === 90 ? 8 : code - 90;
    else if (code >= 40 && code <= 47) style.ground = code - 40;
    else if (code >= 100 && code <= 107) style.ground = code === 100 ? 8 : code - 100;
    else if (code === 39) style.ink = null;
    else if (code === 49) style.ground = null;
    else if (code === 38 || code === 48) {
      const [colour, used] = longColour(numbers, at + 1);
      style[code === 38 ? "ink" : "ground"] = colour;
      at += used;
    }
  }
}

function classOf(style) {
  const names = [...style.flags].map((flag) => `sgr-${flag}`);
  if (style.ink !== null) names.push(`sgr-f${style.ink}`);
  if (style.ground !== null) names.push(`sgr-b${style.ground}`);
  return names.join(" ");
}

// [text, class] of each stretch. The style ends with the line.
export function stretches(text) {
  if (!text.includes("\x1b")) return [[text, ""]];
  const found = [];
  const style = { ink: null, ground: null, flags: new Set() };
  let from = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > from) found.push([text.slice(from, match.index), classOf(style)]);
    apply(style, match[1]);
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push([text.slice(from), classOf(style)]);
  return found;
}
