// One reconnecting socket. Its first frame carries the session's token and what the page wants;
// `hello` is asked again at each connect, so that a page can name where it stopped.
//
//   const socket = openSocket("/ws/c/demo/pods/", {
//     hello: () => ({ query: location.search }),
//     onFrame: (frame) => {},          // frame.type "notice" comes here too
//     onState: (state, detail) => {},  // "connecting" "open" "waiting" {retryInMs, code} "closed" {code} "paused"
//   });
//   socket.send({ … }); socket.pause(); socket.resume(); socket.close();

const FINAL_CODES = new Set([1000, 1003, 1009, 4401, 4403, 4404]);
const FIRST_CEILING_MS = 1000;
const CEILING_MS = 10_000;
const FLOOR_MS = 500;
const TOO_MANY = 4429;
const TOO_MANY_MS = 30_000;
// A connection that breaks without a word, or a dashboard that stands still, says nothing: it is asked.
const QUIET_MS = 8_000;
const ANSWER_MS = 7_000;
const CHECK_MS = 2_500;
const LOST = 1006;

// Full jitter: a restarted server is not met by all its pages at once.
export function retryDelay(attempt, random = Math.random) {
  const ceiling = Math.min(CEILING_MS, FIRST_CEILING_MS * 2 ** attempt);
  return Math.max(FLOOR_MS, random() * ceiling);
}

export function openSocket(path, { hello, onFrame, onState = () => {} }) {
  const address = new URL(path, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const token = document.querySelector('meta[name="socket-token"]')?.content ?? "";
  let socket = null;
  let timer = 0;
  let attempt = 0;
  let ended = false;
  let paused = false;
  let heardAt = 0;
  let askedAt = 0;

  function connect() {
    onState("connecting", {});
    heardAt = Date.now();
    askedAt = 0;
    const own = new WebSocket(address);
    socket = own;
    own.addEventListener("open", () => own.send(JSON.stringify({ ...hello(), token })));
    // What a socket says after it was let go is no longer meant for the page.
    own.addEventListener("message", (event) => {
      if (own !== socket) return;
      heardAt = Date.now();
      askedAt = 0;
      const frame = JSON.parse(event.data);
      if (frame.type === "pong") return;
      if (attempt !== -1) {
        attempt = -1;
        onState("open", {});
      }
      onFrame(frame);
    });
    own.addEventListener("close", (event) => own === socket && finish(event.code));
  }

  function check() {
    if (ended || !socket || socket.readyState === WebSocket.CLOSED) return;
    const now = Date.now();
    if (socket.readyState === WebSocket.CONNECTING) {
      if (now - heardAt > QUIET_MS + ANSWER_MS) lose();
    } else if (askedAt) {
      if (now - askedAt > ANSWER_MS) lose();
    } else if (now - heardAt > QUIET_MS) {
      askedAt = now;
      socket.send('{"type":"ping"}');
    }
  }

  function lose() {
    const old = socket;
    socket = null;
    old.close(); // what it still says is not heard
    finish(LOST);
  }

  function finish(code) {
    if (ended) return;
    if (FINAL_CODES.has(code)) {
      ended = true;
      onState("closed", { code });
      document.dispatchEvent(new CustomEvent("socket:closed", { detail: { code } }));
      return;
    }
    attempt += 1;
    const retryInMs = code === TOO_MANY ? TOO_MANY_MS + retryDelay(attempt) : retryDelay(attempt);
    onState("waiting", { retryInMs, code });
    timer = setTimeout(connect, retryInMs);
  }

  // A page that nobody sees holds no stream; `hello` says where it goes on.
  function pause() {
    if (ended || paused) return;
    paused = true;
    clearTimeout(timer);
    const old = socket;
    socket = null;
    old?.close(1000);
    onState("paused", {});
  }

  function resume() {
    if (ended || !paused) return;
    paused = false;
    attempt = 0;
    connect();
  }

  function close() {
    ended = true;
    clearTimeout(timer);
    socket?.close(1000);
  }

  // A page kept by the browser for "back" must not hold a stream open; when it is shown again, it asks anew.
  addEventListener("pagehide", close, { once: true });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  addEventListener("online", () => {
    if (!ended && socket?.readyState === WebSocket.CLOSED) {
      clearTimeout(timer);
      connect();
    }
  });
  setInterval(check, CHECK_MS);
  connect();
  return {
    send: (frame) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    pause,
    resume,
    close,
  };
}
