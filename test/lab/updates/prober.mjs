// A witness that shares no code with the library: it looks at what the gateways have, and whenever one no longer serves a
// server, it asks that server itself, and kubectl. Its order is JSON in its first argument; it says on stdout, a JSON line
// each, which server went and what was the matter with it.
//
//   ending    its pod was being deleted, or is gone: right
//   lost      its node is not ready: the cluster itself takes its pods for not ready
//   not-ready its kubelet has said, or had just said, that it is not ready, as one that starts again says of every pod
//   silent    it does not answer
//   wrong     it answers 200, its pod and its node are ready, and nobody has deleted it
import { execFile } from 'node:child_process';
import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const everyMs = 50;
/** From a pod's turn to its server's, and the whole seconds that Kubernetes tells. */
const turnMs = 3000;
const run = promisify(execFile);
const { gateways, upstream, source, kubectl, namespace } = JSON.parse(process.argv[2]);
const [program, ...words] = kubectl;

async function list(...what) {
  const { stdout } = await run(program, [...words, 'get', ...what, '-o', 'json'], {
    maxBuffer: 64 << 20,
    timeout: 30_000,
  });
  return JSON.parse(stdout).items;
}

/** Kubernetes tells the end of a pod's grace. */
const deletedAt = ({ deletionTimestamp, deletionGracePeriodSeconds = 0 }) =>
  deletionTimestamp === undefined ? Infinity : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;

function answers(ip, port) {
  return new Promise((resolve) => {
    const request = get({ host: ip, port, path: '/', timeout: 1000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}

async function judge({ uid, ip, port }, removedAt) {
  const isAnswering = await answers(ip, port);
  const [pods, nodes] = await Promise.all([list('pods', '-n', namespace), list('nodes')]);
  const pod = pods.find(({ metadata }) => metadata.uid === uid);
  // Its times are whole seconds.
  if (pod === undefined || deletedAt(pod.metadata) <= removedAt + 1000) return 'ending';
  const node = nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
  const isReady = node?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (!isReady) return 'lost';
  const ready = pod.status.conditions.find(({ type }) => type === 'Ready');
  const turnedAgo = removedAt - Date.parse(ready?.lastTransitionTime ?? 0);
  if (ready?.status !== 'True' || turnedAgo < turnMs) return 'not-ready';
  return isAnswering ? 'wrong' : 'silent';
}

async function serving({ url, token }) {
  const path = `${url}/admin/v1/upstreams/${upstream}/sources/${source}`;
  const response = await fetch(path, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(2000),
  });
  if (!response.ok) throw new Error(String(response.status));
  const { servers } = await response.json();
  return new Map(servers.filter(({ state, weight }) => state === 'up' && weight > 0).map((one) => [one.uid, one]));
}

async function watch(gateway) {
  let former = new Map();
  for (;;) {
    try {
      const now = await serving(gateway);
      const gone = [...former.values()].filter(({ uid }) => !now.has(uid));
      former = now;
      for (const server of gone) void tell(gateway, server);
    } catch {
      // One that is down says nothing of what it has.
    }
    await delay(everyMs);
  }
}

async function tell({ name }, server) {
  const at = Date.now();
  const verdict = await judge(server, at).catch((error) => `unknown: ${error.message}`);
  const { ip, uid } = server;
  console.log(JSON.stringify({ at: new Date(at).toISOString(), gateway: name, ip, uid, verdict }));
}

for (const gateway of gateways) void watch(gateway);
