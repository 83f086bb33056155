// The app beside which sidecars run: tells what a request brought, logs it, echoes on WebSockets.
const http = require('http');
const fs = require('fs');
const crypto = require('crypto');
const { PORT = '8080', HOST = '0.0.0.0', NAME = 'app', LOG_DIR = '' } = process.env;

if (LOG_DIR) fs.mkdirSync(LOG_DIR, { recursive: true });

function log(msg) {
  const line = JSON.stringify({ time: new Date().toISOString(), level: 'info', msg });
  if (LOG_DIR) fs.appendFileSync(LOG_DIR + '/app.log', line + '\n');
  else console.log(line);
}

const server = http.createServer((request, response) => {
  log('GET ' + request.url);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('X-Powered-By', 'an app');
  response.end(JSON.stringify({ name: NAME, url: request.url, headers: request.headers }));
});

// RFC 6455: one short masked frame in, the same text in an unmasked frame out.
server.on('upgrade', (request, socket) => {
  const magic = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = crypto.createHash('sha1').update(magic).digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.on('error', () => {});
  socket.on('data', (frame) => {
    const length = frame[1] & 127;
    const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, i) => byte ^ frame[2 + (i % 4)]));
    socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
  });
});

server.listen(Number(PORT), HOST, () => log('listening'));
process.on('SIGTERM', () => process.exit(0));
