// node client.js '[{"url": …, "method": …, "headers": …, "say": …}, …]': one line of JSON for each answer.
// With `say` it is a WebSocket: the text goes out in one masked frame, `heard` is what came back; `after`
// so many milliseconds of silence.
const http = require('http');
const crypto = require('crypto');

function ask({ url, method = 'GET', headers = {}, say, after = 0 }) {
  return new Promise((resolve) => {
    const upgrade = say === undefined ? {} : {
      Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': crypto.randomBytes(16).toString('base64'),
    };
    const request = http.request(url, { method, headers: { ...upgrade, ...headers }, timeout: 10000 });
    request.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({
        status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString(),
      }));
    });
    request.on('upgrade', (response, socket) => {
      const mask = crypto.randomBytes(4);
      const text = Buffer.from(say).map((byte, i) => byte ^ mask[i % 4]);
      socket.once('data', (frame) => {
        socket.destroy();
        resolve({ status: response.statusCode, headers: response.headers, heard: frame.subarray(2).toString() });
      });
      socket.once('close', () => resolve({ status: response.statusCode, headers: {}, heard: null }));
      const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, text]);
      setTimeout(() => socket.write(frame), after);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 10 s')));
    request.on('error', (error) => resolve({ status: 0, headers: {}, body: String(error.code || error.message) }));
    request.end();
  });
}

(async () => {
  for (const wanted of JSON.parse(process.argv[2])) console.log(JSON.stringify(await ask(wanted)));
})();
