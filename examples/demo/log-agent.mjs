// The demo's helper: stands for a log agent that must be there before the app starts.
//   LISTEN_HOST   where to listen, default 0.0.0.0; the port is 2280
//   YOUZAN_TRACE  a file that gets one line an event: `ready` and `term`
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const warmUpMs = 200;

function trace(event) {
  const file = process.env.YOUZAN_TRACE;
  if (file) appendFileSync(file, `${process.env.POD_UID || '-'}|log-agent|${event}\n`);
}

let ready = false;
const server = createServer((request, response) => {
  const ok = ready && request.url === '/ready';
  response.writeHead(ok ? 200 : request.url === '/ready' ? 503 : 404, { connection: 'close' });
  response.end(ok ? 'ready\n' : 'not ready\n');
});
server.listen(2280, process.env.LISTEN_HOST || '0.0.0.0');

setTimeout(() => {
  trace('ready');
  ready = true;
}, warmUpMs);

process.on('SIGTERM', () => {
  trace('term');
  process.exit(0);
});
