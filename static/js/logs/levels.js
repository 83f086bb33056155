// How grave a line says it is. Read from what loggers write: JSON and logfmt fields, klog's first
// letter, syslog's number, a word in capitals or in brackets. 0: the line does not say.
import { plain } from "./sgr.js";

export const LEVELS = ["", "debug", "info", "warn", "error"];
const LOOKED_AT = 1024;
const START = 160;
const WORDS = {
  trace: 1, verbose: 1, debug: 1, dbg: 1, fine: 1, info: 2, information: 2, informational: 2, notice: 2, inf: 2,
  warn: 3, warning: 3, wrn: 3, error: 4, err: 4, fatal: 4, critical: 4, crit: 4, severe: 4, panic: 4,
  alert: 4, emerg: 4, emergency: 4, dpanic: 4, ftl: 4, crt: 4,
};
const NAMES = "trace|verbose|debug|dbg|info|notice|inf|warn(?:ing)?|wrn|err(?:or)?|fatal|crit(?:ical)?|severe|panic|alert|emerg";
const FIELD = /"(?:level|severity|lvl|levelname|loglevel|log\.level|log_level|severity_text|@l|l)"\s*:\s*(?:"([A-Za-z]{3,13})"|(\d{1,2})\b)/i;
const LOGFMT = /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]{3,13})\b/i;
const KLOG = /^([IWEF])\d{4} \d\d:/;
const SYSLOG = /^<(\d{1,3})>/;
const CAPITALS = new RegExp(`(?:^|[^A-Za-z0-9_])(${NAMES.toUpperCase()})(?![A-Za-z0-9_])`);
const BRACKETS = new RegExp(`[[(<|]\\s?(${NAMES})\\s?[\\])>|]|^(${NAMES}):`, "i");
const KLOG_LEVELS = { I: 2, W: 3, E: 4, F: 4 };

// pino and bunyan count in tens from trace 10; syslog counts down from emergency 0 to debug 7.
function ofNumber(number) {
  if (number >= 10) return number < 30 ? 1 : number < 40 ? 2 : number < 50 ? 3 : 4;
  return number <= 3 ? 4 : number === 4 ? 3 : number <= 6 ? 2 : 1;
}

export function levelOf(text) {
  const head = plain(text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text);
  if (head.trimStart().startsWith("{")) {
    const field = FIELD.exec(head);
    if (field) return field[1] ? (WORDS[field[1].toLowerCase()] ?? 0) : ofNumber(Number(field[2]));
    return 0;
  }
  const start = head.length > START ? head.slice(0, START) : head;
  const klog = KLOG.exec(start);
  if (klog) return KLOG_LEVELS[klog[1]];
  const syslog = SYSLOG.exec(start);
  if (syslog) return ofNumber(Number(syslog[1]) % 8);
  const word = LOGFMT.exec(head) ?? CAPITALS.exec(start) ?? BRACKETS.exec(start);
  return word ? (WORDS[(word[1] ?? word[2]).toLowerCase()] ?? 0) : 0;
}

// The level of a row of the buffer, found out once.
export function rowLevel(buffer, number) {
  const slot = number % buffer.capacity;
  if (buffer.levels[slot] < 0) buffer.levels[slot] = levelOf(buffer.texts[slot]);
  return buffer.levels[slot];
}
