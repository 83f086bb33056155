// Whose lines: every stream has a letter and one of eight colours, and is on or off by its container's
// name. Names that are muted stay off in other pods too.
const COLOURS = 8;
const KEPT_AS = "sidecar.logs.muted";
const MOST_KEPT = 200;
const WIDEST = 28;

export function letterOf(index) {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

function readMuted() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.filter((name) => typeof name === "string") : []);
  } catch {
    return new Set(); // storage may be off, or hold something else
  }
}

function keepMuted(muted) {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify([...muted].slice(-MOST_KEPT)));
  } catch {
    // It then holds for this page only.
  }
}

const OF_DEPLOYMENT = /^(.+)-[a-z0-9]{6,10}-([a-z0-9]{5})$/;

// What the pods' names have in common goes: "web-7d9c6f-x2k9z" and "web-7d9c6f-p81zq" are x2k9z and p81zq.
// Without that a Deployment's pod leaves out the hash in its middle.
function shortPods(pods) {
  const [first, ...rest] = pods;
  let common = rest.length ? first.lastIndexOf("-") + 1 : 0;
  while (common && !rest.every((pod) => pod.startsWith(first.slice(0, common)))) {
    common = first.lastIndexOf("-", common - 2) + 1;
  }
  return new Map(pods.map((pod) => [pod, common ? pod.slice(common) : pod.replace(OF_DEPLOYMENT, "$1-$2")]));
}

export class Names {
  constructor({ hidden, solo }) {
    this.streams = [];
    this.byKey = new Map();
    this.byId = new Map();
    this.hidden = hidden;
    this.solo = solo;
    this.muted = readMuted();
    this.mayApplyMuted = !hidden.size && !solo.size;
    this.isOn = (index) => index < 0 || (this.streams[index]?.isOn ?? true);
  }

  at(index) {
    return index < 0 ? null : this.streams[index];
  }

  indexOf(id) {
    return this.byId.get(id) ?? -1;
  }

  // A new socket counts its streams anew.
  forgetIds() {
    this.byId.clear();
  }

  // The server's whole list. Streams that left keep their place, for the lines that they wrote.
  update(list) {
    for (const stream of this.streams) stream.isHere = false;
    for (const told of list) {
      const index = this.byKey.get(told.key) ?? this.add(told);
      Object.assign(this.streams[index], told, { isHere: true });
      this.byId.set(told.id, index);
    }
    this.label();
    if (this.mayApplyMuted && list.length) this.applyMuted();
    this.switch();
  }

  add({ key }) {
    const index = this.streams.length;
    this.byKey.set(key, index);
    this.streams.push({ key, index, letter: letterOf(index), colour: index % COLOURS, isOn: true });
    return index;
  }

  label() {
    const pods = shortPods([...new Set(this.streams.map((stream) => stream.pod))]);
    const containers = new Set(this.streams.map((stream) => stream.container));
    for (const stream of this.streams) {
      const pod = pods.get(stream.pod);
      stream.label = pods.size === 1 ? stream.container : containers.size === 1 ? pod : `${pod}/${stream.container}`;
      stream.title = `${stream.namespace}/${stream.pod} · ${stream.container}`;
    }
  }

  // Characters that the column of the names needs.
  width() {
    return Math.min(WIDEST, Math.max(0, ...this.streams.map((stream) => stream.label.length)));
  }

  // Muted names are off at first, unless that would leave nothing, or the address says what is off.
  applyMuted() {
    const names = this.names();
    this.mayApplyMuted = false;
    if (names.every((name) => this.muted.has(name))) return;
    for (const name of names) if (this.muted.has(name)) this.hidden.add(name);
  }

  names() {
    return [...new Set(this.streams.map((stream) => stream.container))];
  }

  switch() {
    for (const stream of this.streams) {
      const name = stream.container;
      stream.isOn = this.solo.size ? this.solo.has(name) : !this.hidden.has(name);
    }
  }

  isNameOn(name) {
    return this.solo.size ? this.solo.has(name) : !this.hidden.has(name);
  }

  toggle(name) {
    if (this.isNameOn(name)) this.hide(name);
    else this.show(name);
  }

  // The only one that is shown, switched off: all come back.
  hide(name) {
    if (!this.solo.delete(name)) this.hidden.add(name);
    this.switch();
  }

  // A second one beside the only one: from then on the others are hidden.
  show(name) {
    if (this.solo.size) {
      this.hidden.clear();
      for (const other of this.names()) if (!this.solo.has(other)) this.hidden.add(other);
      this.solo.clear();
    }
    this.hidden.delete(name);
    if (this.muted.delete(name)) keepMuted(this.muted);
    this.switch();
  }

  only(name) {
    const isAlone = this.solo.has(name);
    this.solo.clear();
    if (!isAlone) this.solo.add(name);
    this.switch();
  }

  mute(name) {
    this.muted.add(name);
    keepMuted(this.muted);
    this.solo.delete(name);
    this.hidden.add(name);
    this.switch();
  }

  showAll() {
    this.solo.clear();
    for (const name of [...this.hidden]) this.show(name);
    this.switch();
  }
}
