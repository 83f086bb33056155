// How times and long lines are shown is kept for the next log, unless its address says so itself.
const KEPT_AS = "sidecar.logs.shown";
const TIMES = ["local", "utc", "off"];

export function readPreference() {
  try {
    const { times, wraps } = JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") ?? {};
    return { times: TIMES.includes(times) ? times : "local", wraps: wraps !== false };
  } catch {
    return { times: "local", wraps: true }; // storage may be off, or hold something else
  }
}

// Only what the viewer chose: a link that somebody sent changes nothing here.
export function prefer(chosen) {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify({ ...readPreference(), ...chosen }));
  } catch {
    // It then holds for this page only.
  }
}
