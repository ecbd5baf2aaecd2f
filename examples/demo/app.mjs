// The demo's app: a plain HTTP server that keeps the conventions. Node's own modules only.
//   LISTEN_HOST            where to listen, default 0.0.0.0
//   PORT_HTTP              requests and the switch `/_HB_.php`, default 8030
//   PORT_MANAGE            `/health`, default 8001
//   APPLICATION_NAME, APPLICATION_VERSION, POD_UID, POD_NAME, POD_IP   what the answers say
//   WARMUP_MS              health is DOWN for so long, default 300
//   FAIL_PRELOAD=1         health stays DOWN
//   GRACE_MS               after TERM requests in flight have so long, default 10000
//   YOUZAN_TRACE           a file that gets one line an event: `start`, the first `request`, `term`
//   YOUZAN_TRACE_REQUESTS  1: every `request` and every `answer` gets a line
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { env } = process;
const host = env.LISTEN_HOST || '0.0.0.0';
const number = (name, otherwise) => Number(env[name] || otherwise);
const about = {
  app: env.APPLICATION_NAME || 'trade-core',
  version: env.APPLICATION_VERSION || '0',
  pod: { uid: env.POD_UID || '-', name: env.POD_NAME || '-', ip: env.POD_IP || '-' },
};
/** Longer than a gateway keeps an idle connection, so that it is never the app that closes one under a request. */
const keepAliveMs = 75_000;

const traceFile = env.YOUZAN_TRACE ? openSync(env.YOUZAN_TRACE, 'a') : undefined;
const traceAll = env.YOUZAN_TRACE_REQUESTS === '1';
function trace(event) {
  if (traceFile !== undefined) writeSync(traceFile, `${about.pod.uid}|app|${event}\n`);
}

let online = false;
let warm = false;
let stopping = false;
let requests = 0;
const reason = env.FAIL_PRELOAD === '1' ? 'FAIL_PRELOAD is set' : 'warming up';

function answer(response, status, body, headers = {}) {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'x-app-version': about.version,
    'x-pod-uid': about.pod.uid,
    ...(stopping && { connection: 'close' }),
    ...headers,
  });
  response.end(text);
}

function turnSwitch(url, response) {
  const service = url.searchParams.get('service');
  if (service !== null && service !== 'online' && service !== 'offline') {
    answer(response, 400, 'service is online or offline\n');
    return;
  }
  if (service !== null) online = service === 'online';
  answer(response, online || service === 'offline' ? 200 : 404, online ? 'online' : 'offline');
}

const main = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://app');
  if (url.pathname === '/_HB_.php') {
    turnSwitch(url, response);
    return;
  }
  if (url.pathname !== '/' && url.pathname !== '/slow') {
    answer(response, 404, 'not found\n');
    return;
  }
  requests += 1;
  if (traceAll || requests === 1) trace('request');
  if (traceAll) response.once('finish', () => trace('answer'));
  if (url.pathname === '/slow') await delay(Math.min(Number(url.searchParams.get('ms')) || 0, 60_000));
  answer(response, 200, { ...about, requests });
});
main.keepAliveTimeout = keepAliveMs;

const manage = createServer((request, response) => {
  if (request.url !== '/health') answer(response, 404, 'not found\n');
  else if (warm) answer(response, 200, { status: 'UP' });
  else {
    // Some clients show no body of an error, but its reason phrase.
    response.statusMessage = `DOWN: ${reason}`;
    answer(response, 503, { status: 'DOWN', reason });
  }
});

main.listen(number('PORT_HTTP', 8030), host);
manage.listen(number('PORT_MANAGE', 8001), host);
trace('start');
if (env.FAIL_PRELOAD !== '1') setTimeout(() => (warm = true), number('WARMUP_MS', 300));

process.on('SIGTERM', () => {
  if (stopping) return;
  stopping = true;
  trace('term');
  manage.close();
  manage.closeAllConnections();
  main.close(() => process.exit(0));
  main.closeIdleConnections();
  setTimeout(
    () => {
      console.error(`requests in flight did not end within ${number('GRACE_MS', 10_000)} ms`);
      process.exit(1);
    },
    number('GRACE_MS', 10_000),
  ).unref();
});
