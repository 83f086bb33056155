// A store for logs in another pod: keeps what is sent to it, and shows it on GET.
const http = require('http');
const kept = [];

http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    if (request.method === 'GET') return response.end(JSON.stringify(kept));
    kept.push({ path: request.url, authorization: request.headers.authorization, body: Buffer.concat(parts).toString() });
    response.end('{}');
  });
}).listen(Number(process.env.PORT || 8080), () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
