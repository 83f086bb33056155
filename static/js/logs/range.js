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

const moment = (field) => (field.value ? new Date(field.value).toISOString().replace(/\.\d+Z$/, "Z") : "");

function asLocal(text) {
  const date = new Date(text);
  if (!/^\d{4}-/.test(text) || Number.isNaN(date.getTime())) return "";
  return new Date(date - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

// "19:10:00 – 19:10:10", with the day unless both are of today; in the zone in which rows show their times.
export function rangeWords(since, until, times) {
  const [from, to] = [new Date(since), new Date(until)];
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return "";
  const zone = times === "utc" ? { timeZone: "UTC" } : {};
  const lang = document.documentElement.lang;
  const day = new Intl.DateTimeFormat(lang, { dateStyle: "short", ...zone });
  const isToday = [from, to].every((date) => day.format(date) === day.format(new Date()));
  const whole = new Intl.DateTimeFormat(lang, { timeStyle: "medium", ...(isToday ? {} : { dateStyle: "short" }), ...zone });
  return from > to ? "" : whole.formatRange(from, to); // for what is no range it has no words
}

// Says in the menu's head which range it is.
export function showRange(form, times) {
  const { since, until } = form.elements;
  const said = rangeWords(since.dataset.value, until.dataset.value, times);
  const word = form.closest("details").querySelector("summary b");
  if (!said) return;
  word.textContent = said;
  word.title = said;
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
    field.value = asLocal(field.dataset.value);
    field.addEventListener("input", () => tell(false));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isWrong = Boolean(since.value && until.value) && new Date(until.value) <= new Date(since.value);
    tell(isWrong);
    if (isWrong) until.focus();
    else location.assign(addressWith({ since: moment(since), until: moment(until) }));
  });
}
