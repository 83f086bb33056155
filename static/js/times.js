// <time data-epoch="seconds"> ticks: 4s, 12m, 3h, 5d, as kubectl writes ages. The page's own load
// time on the server is the clock; the computer's clock may be wrong.
const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
];

const servedAt = Number(document.documentElement.dataset.now);
const offsetS = servedAt ? servedAt - (performance.timeOrigin + performance.now()) / 1000 : 0;

export function now() {
  return Date.now() / 1000 + offsetS;
}

export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [size, unit] of UNITS) {
    if (whole >= 2 * size || (whole >= size && unit !== "m")) return `${Math.floor(whole / size)}${unit}`;
  }
  return `${whole}s`;
}

export function tick(root = document) {
  for (const time of root.querySelectorAll("time[data-epoch]")) {
    const epoch = Number(time.dataset.epoch);
    const text = age(now() - epoch);
    if (time.textContent !== text) time.textContent = text;
    if (!time.dataset.local) {
      time.dataset.local = "1";
      time.title = `${new Date(epoch * 1000).toLocaleString(document.documentElement.lang)} · ${time.title}`;
    }
  }
}

tick();
setInterval(() => {
  if (!document.hidden) tick();
}, 1000);
