// Times as rows show them: local, UTC or not at all. The day stands before times of another day.
const DAY_MS = 86_400_000;

const two = (number) => (number < 10 ? `0${number}` : String(number));
const three = (number) => String(number).padStart(3, "0");

export function clock(ms, times) {
  if (!ms || times === "off") return "";
  const date = new Date(ms);
  if (times === "utc") {
    const iso = date.toISOString();
    const isToday = Math.floor(ms / DAY_MS) === Math.floor(Date.now() / DAY_MS);
    return isToday ? iso.slice(11, 23) : `${iso.slice(5, 10)} ${iso.slice(11, 23)}`;
  }
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three(date.getMilliseconds())}`;
  const now = new Date();
  const isToday = date.getDate() === now.getDate() && Math.abs(now - date) < DAY_MS;
  return isToday ? time : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

// RFC 3339 with nanoseconds, as the cluster writes it.
export function exact(ms, ns) {
  if (!ms) return "";
  return `${new Date(ms).toISOString().slice(0, -1)}${String(ns).padStart(6, "0")}Z`;
}
