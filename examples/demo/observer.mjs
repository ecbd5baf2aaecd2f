// The demo's observer: a process of its own that knows only URLs and kubeconfigs and shares no code with the library.
// It sends the load through the gateway, watches the pods of both clusters, and counts. Node's own modules only.
//
// Started with one argument, a JSON object:
//   { "dataUrl", "adminUrl", "token", "host", "clusters": { "bc-a": <kubeconfig as JSON text> }, "app", "appLabel", "longestRunMs" }
// Reads commands from standard input, one a line, and answers each with one JSON line:
//   start            begin the load
//   mark NAME        begin a new period; the answer has the figures of the period that ends
//   report           all figures so far
//   stop             end the load, wait for what is in flight, and exit
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { performance } from 'node:perf_hooks';

const config = JSON.parse(process.argv[2] ?? '{}');
const requestsPerSecond = 220;
const longRequestsPerSecond = 8;
const slowMs = 500;
const longMs = 3000;
const lateMs = 2000;
const mostInFlight = 600;
const keptFailures = 20;
/** The load ends by itself after this long, whatever its starter does. */
const { longestRunMs } = config;

const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 64, scheduling: 'fifo' });
const target = new URL(config.dataUrl);

const newPeriod = (name) => ({
  name,
  since: performance.now(),
  requests: 0,
  failed: 0,
  pods: {},
  versions: {},
  failures: [],
});
const all = newPeriod('all');
let period = newPeriod('start');
const pods = new Map();
let inFlight = 0;
let running = false;
let sent = 0;
let longSent = 0;
let timer;

function count(field, by = 1) {
  all[field] += by;
  period[field] += by;
}

function fail(what) {
  count('failed');
  for (const where of [all, period])
    if (where.failures.length < keptFailures)
      where.failures.push({ atMs: Math.round(performance.now() - all.since), ...what });
}

function note(uid, version) {
  for (const where of [all, period]) {
    where.pods[uid] = (where.pods[uid] ?? 0) + 1;
    const seen = (where.versions[version] ??= {
      requests: 0,
      firstMs: Math.round(performance.now() - all.since),
      lastMs: 0,
    });
    seen.requests += 1;
    seen.lastMs = Math.round(performance.now() - all.since);
  }
}

function send(ownMs, kept) {
  if (inFlight >= mostInFlight) {
    count('requests');
    fail({ error: `more than ${mostInFlight} requests in flight` });
    return;
  }
  inFlight += 1;
  count('requests');
  const startedAt = Date.now();
  const started = performance.now();
  const path = ownMs === 0 ? '/' : `/slow?ms=${ownMs}`;
  let server = '';
  let over = false;
  const end = (problem) => {
    if (over) return;
    over = true;
    clearTimeout(late);
    inFlight -= 1;
    if (problem !== undefined)
      fail({ path, server, ms: Math.round(performance.now() - started), keepAlive: kept, ...problem });
  };
  const request = http.request(
    { host: target.hostname, port: target.port, path, agent: kept ? keepAlive : false, headers: { host: config.host } },
    (response) => {
      server = String(response.headers['x-yz7-server'] ?? '');
      const uid = String(response.headers['x-pod-uid'] ?? '');
      response.on('error', (error) => end({ error: error.message }));
      response.on('aborted', () => end({ error: 'the answer broke off' }));
      response.on('end', () => {
        if (ownMs === longMs) noteLong(uid, startedAt);
        if (response.statusCode !== 200)
          return end({ status: response.statusCode, error: String(response.headers['x-yz7-error'] ?? '') });
        note(uid, String(response.headers['x-app-version'] ?? ''));
        return end();
      });
      response.resume();
    },
  );
  const late = setTimeout(() => {
    end({ error: `no answer ${lateMs} ms after its own ${ownMs} ms` });
    request.destroy();
  }, ownMs + lateMs);
  request.on('error', (error) => end({ error: error.code ?? error.message }));
  request.end();
}

function begin() {
  running = true;
  all.since = performance.now();
  period = newPeriod('start');
  let due = 0;
  let longDue = 0;
  let last = performance.now();
  timer = setInterval(() => {
    const now = performance.now();
    if (now - all.since > longestRunMs) return void stop();
    // After a stall the missed requests are sent, but never more than half a second's worth at once.
    const passed = Math.min(now - last, 500) / 1000;
    last = now;
    due += passed * requestsPerSecond;
    longDue += passed * longRequestsPerSecond;
    for (; due >= 1; due -= 1) {
      sent += 1;
      // Every other request on a kept connection; one in ten slow, in turn of either kind.
      send(sent % 20 === 9 || sent % 20 === 10 ? slowMs : 0, sent % 2 === 0);
    }
    for (; longDue >= 1; longDue -= 1) {
      longSent += 1;
      send(longMs, longSent % 2 === 0);
    }
  }, 10);
}

function connectionOf(kubeconfig) {
  const text = JSON.parse(kubeconfig);
  const { cluster } = text.clusters[0];
  const { user } = text.users[0];
  const decoded = (value) => (value === undefined ? undefined : Buffer.from(value, 'base64'));
  return {
    server: new URL(cluster.server),
    agent: new https.Agent({
      ca: decoded(cluster['certificate-authority-data']),
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    }),
  };
}

/** A watch that starts anew when it ends; what it misses meanwhile it sees again from the list that a new watch sends. */
function watchPods(cluster, { server, agent }) {
  const selector = encodeURIComponent(`${config.appLabel}=${config.app}`);
  const again = () => setTimeout(() => watchPods(cluster, { server, agent }), 1000).unref();
  const request = https.get(
    { host: server.hostname, port: server.port, agent, path: `/api/v1/pods?watch=true&labelSelector=${selector}` },
    (response) => {
      createInterface({ input: response }).on('line', (line) => {
        const { type, object } = JSON.parse(line);
        if (type === 'BOOKMARK' || type === 'ERROR') return;
        const uid = object.metadata.uid;
        const pod = pods.get(uid) ?? { cluster, name: object.metadata.name, drainedAt: undefined, sawLong: undefined };
        if (object.metadata.deletionTimestamp !== undefined && pod.drainedAt === undefined) pod.drainedAt = Date.now();
        pods.set(uid, pod);
      });
      response.on('error', () => undefined);
      response.on('close', again);
    },
  );
  request.on('error', again);
}

/** A long request of a pod has ended: was the pod drained while it ran? */
function noteLong(uid, startedAt) {
  const pod = pods.get(uid);
  if (pod?.drainedAt !== undefined && startedAt <= pod.drainedAt) pod.sawLong = true;
}

/** Of the pods drained while the load ran: did one of the long requests run at that moment? Known once those have ended. */
function drained() {
  return [...pods]
    .filter(([, pod]) => pod.drainedAt !== undefined)
    .map(([uid, pod]) => ({
      uid,
      name: pod.name,
      cluster: pod.cluster,
      longRequestInFlight: pod.sawLong,
    }));
}

async function gatewayRetries() {
  const response = await fetch(`${config.adminUrl}/metrics`, {
    headers: { authorization: `Bearer ${config.token}` },
    signal: AbortSignal.timeout(5000),
  });
  let retries = 0;
  for (const line of (await response.text()).split('\n')) {
    const match = /^yz7_retries_total(?:\{.*\})?\s+(\d+)/.exec(line);
    if (match) retries += Number(match[1]);
  }
  return retries;
}

async function report(of) {
  const seconds = (performance.now() - of.since) / 1000;
  return {
    name: of.name,
    requests: of.requests,
    failed: of.failed,
    retried: await gatewayRetries(),
    seconds: Math.round(seconds * 10) / 10,
    requestsPerSecond: Math.round(of.requests / Math.max(seconds, 0.001)),
    pods: of.pods,
    versions: of.versions,
    failures: of.failures,
    drained: drained(),
  };
}

function stop() {
  running = false;
  clearInterval(timer);
}

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

for (const [cluster, kubeconfig] of Object.entries(config.clusters)) watchPods(cluster, connectionOf(kubeconfig));

const input = createInterface({ input: process.stdin });
input.on('line', async (line) => {
  const [command, name] = line.split(' ');
  if (command === 'start') {
    begin();
    answer({ started: true });
  } else if (command === 'mark') {
    const ended = period;
    period = newPeriod(name);
    answer(await report(ended));
  } else if (command === 'report') {
    answer(await report(all));
  } else if (command === 'stop') {
    stop();
    const deadline = Date.now() + longMs + lateMs + 500;
    const wait = setInterval(async () => {
      if (inFlight > 0 && Date.now() < deadline) return;
      clearInterval(wait);
      answer(await report(all));
      process.exit(0);
    }, 20);
  } else {
    answer({ error: `unknown command ${command}` });
  }
});
// The starter is gone: so is the reason to go on.
input.on('close', () => process.exit(running ? 1 : 0));
// Ctrl-C reaches the whole group; the starter decides when the load ends.
process.on('SIGINT', () => undefined);
