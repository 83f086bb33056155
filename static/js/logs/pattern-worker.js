// Runs a regular expression over texts, away from the page: a bad one hangs this worker, which the
// page then ends. It imports nothing, since the policy of a static file lets it load nothing.
const MOST_RANGES = 200;

function ranges(pattern, text) {
  const found = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0]) found.push(match.index, match.index + match[0].length);
    if (found.length >= MOST_RANGES) break;
  }
  return found;
}

self.addEventListener("message", ({ data: { id, kind, source, flags, joined } }) => {
  const texts = joined.split("\n");
  if (kind === "ranges") {
    const pattern = new RegExp(source, `g${flags}`);
    self.postMessage({ id, answer: texts.map((text) => ranges(pattern, text)) });
    return;
  }
  const pattern = new RegExp(source, flags);
  const answer = new Uint8Array(texts.length);
  for (let at = 0; at < texts.length; at += 1) answer[at] = pattern.test(texts[at]) ? 1 : 0;
  self.postMessage({ id, answer }, [answer.buffer]);
});
self.postMessage({ id: -1 });
