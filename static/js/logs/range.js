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

export function wireRange(form) {
  const { since, until } = form.elements;
  for (const field of [since, until]) field.value = asLocal(field.dataset.value);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(addressWith({ since: moment(since), until: moment(until) }));
  });
}
