// From where to where the log is read: the keys 0 to 6, and two fields in the viewer's own time. The server
// reads the log anew for it.
const SPANS = ["1m", "5m", "15m", "30m", "1h"];

function addressWith(changes) {
  const address = new URL(location.href);
  for (const name of ["tail", "since", "until", "at"]) address.searchParams.delete(name);
  for (const [name, value] of Object.entries(changes)) if (value) address.searchParams.set(name, value);
  return address.href;
}

// 0: the end; 1: from the start; 2 to 6: since so long ago.
export function rangeAddress(key) {
  if (key === 0) return addressWith({});
  return addressWith(key === 1 ? { tail: "all" } : { since: SPANS[key - 2] });
}

// What a field was set to, and the moment it stands for: an hour that comes twice, or a part of a second,
// is not in the field.
const kept = new WeakMap();

const isUtc = (form) => form.dataset.times === "utc";

function momentOf(field) {
  if (!field.value) return "";
  const { value, text } = kept.get(field) ?? {};
  if (value === field.value) return text;
  const date = new Date(isUtc(field.form) ? `${field.value}Z` : field.value);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().replace(/\.\d+Z$/, "Z");
}

function show(field, text) {
  const date = momentFrom(text);
  kept.delete(field);
  if (!date) return;
  const shift = isUtc(field.form) ? 0 : date.getTimezoneOffset() * 60_000;
  field.value = new Date(date - shift).toISOString().slice(0, 19);
  kept.set(field, { value: field.value, text });
}

// An address may name a span instead.
function momentFrom(text) {
  const date = /^\d{4}-/.test(text) ? new Date(text) : null;
  return date && !Number.isNaN(date.getTime()) ? date : null;
}

// "19:10:00 – 19:10:10", or one time, with the day unless all are of today; in the zone in which rows show
// their times.
export function rangeWords(since, until, times) {
  const [from, to] = [momentFrom(since), momentFrom(until)];
  const given = [from, to].filter(Boolean);
  if (!given.length || (since && !from) || (until && !to)) return "";
  const zone = times === "utc" ? { timeZone: "UTC" } : {};
  const lang = document.documentElement.lang;
  const day = new Intl.DateTimeFormat(lang, { dateStyle: "short", ...zone });
  const isToday = given.every((date) => day.format(date) === day.format(new Date()));
  const whole = new Intl.DateTimeFormat(lang, { timeStyle: "medium", ...(isToday ? {} : { dateStyle: "short" }), ...zone });
  if (given.length === 1) return whole.format(given[0]);
  return from > to ? "" : whole.formatRange(from, to); // for what is no range it has no words
}

// Says in the menu's head which range it is, and in the form which zone its fields are of.
export function showRange(form, times) {
  const { since, until } = form.elements;
  const [from, to] = [since.dataset.value, until.dataset.value];
  const moments = [since, until].map((field) => [field, momentOf(field)]); // in the zone before
  form.dataset.times = times;
  for (const [field, text] of moments) show(field, text);
  const { utc, local } = form.dataset;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  form.querySelector(".log-zone").textContent = times === "utc" ? utc : local.replace("{}", zone);
  const said = rangeWords(from, to, times);
  const word = form.closest("details").querySelector("summary b");
  if (!said) return;
  const frame = from && to ? "{}" : from ? form.dataset.from : form.dataset.until;
  word.textContent = frame.replace("{}", said);
  word.title = word.textContent;
  word.classList.add("is-range");
}

export function wireRange(form) {
  const { since, until } = form.elements;
  const problem = form.querySelector(".problem");
  const tell = (isWrong) => {
    problem.hidden = !isWrong;
    until.setAttribute("aria-invalid", String(isWrong));
  };
  for (const field of [since, until]) {
    show(field, field.dataset.value);
    field.addEventListener("input", () => tell(false));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [from, to] = [since, until].map(momentOf);
    const isWrong = Boolean(from && to) && new Date(to) <= new Date(from);
    tell(isWrong);
    if (isWrong) until.focus();
    else location.assign(addressWith({ since: from, until: to }));
  });
}
