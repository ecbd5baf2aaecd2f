// A process of its own: the syncers of two clusters while their slices change at an even rate. Says how long each change
// took from the API server until every worker of the gateway had it, and the CPU time a change.
import { start, stop } from './processes.mjs';

// First of all: whoever asked may go at any time.
process.on('disconnect', () => process.exit(0));
const { gateway, slices, endpoints, perSecond, seconds } = JSON.parse(process.argv[2]);
const { createK8sSync, createKubeClient, createYz7Gateway } = await import('../../../dist/index.js');
const deadlineMs = 240_000;
const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const samples = [];
const clusters = await Promise.all(
  ['bc-a', 'bc-b'].map(async (name, cluster) => {
    const { child, first } = await start('./api-server.mjs', { cluster, slices, endpoints });
    const client = createKubeClient({
      name,
      credentials: { read: () => Promise.resolve({ server: first.url, skipTlsVerify: false }) },
    });
    const yz7 = createYz7Gateway({ name: 'yz7', idc: 'bc', url: gateway.url, token: gateway.token });
    const sync = createK8sSync({ cluster: client, idc: 'bc', gateways: [yz7] });
    return { child, client, yz7, sync, sent: new Map(), done: new Map() };
  }),
);

/** Whichever of the two comes last: the server's word of when it sent a change, or the syncer's that it is everywhere. */
function match({ sent, done }, upstream) {
  const doneAt = done.get(upstream);
  if (doneAt === undefined) return;
  const earlier = (sent.get(upstream) ?? []).filter((at) => at <= doneAt);
  if (earlier.length === 0) return;
  samples.push(...earlier.map((at) => doneAt - at));
  sent.set(
    upstream,
    sent.get(upstream).filter((at) => at > doneAt),
  );
}

async function follow(cluster) {
  for await (const notice of cluster.sync.events()) {
    if (notice.type !== 'propagated') continue;
    cluster.done.set(notice.upstream, monotonicMs());
    match(cluster, notice.upstream);
  }
}

async function until(what, isTrue) {
  const end = monotonicMs() + deadlineMs;
  while (!isTrue()) {
    if (monotonicMs() > end) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await wait(200);
  }
}

const isFilled = ({ sync }) => {
  const { upstreams } = sync.metrics();
  return upstreams.length === slices && upstreams.every(({ desired, live }) => desired === live);
};
await Promise.all(clusters.map(({ sync }) => sync.start()));
await until('the gateway has all', () => clusters.every(isFilled));
for (const cluster of clusters) {
  cluster.child.on('message', ({ app, at, kind }) => {
    // A pod that is gone was drained before: its delete waits for the grace, and nobody waits for it.
    if (kind === 'gone') return;
    const upstream = `${app}.http`;
    cluster.sent.set(upstream, [...(cluster.sent.get(upstream) ?? []), at]);
    match(cluster, upstream);
  });
  void follow(cluster);
}

/** Each cluster's slices in turn, at an even rate; what a late timer missed is made up for. */
async function change(count) {
  const began = monotonicMs();
  for (let made = 0; made < count;) {
    const due = Math.min(count, Math.floor(((monotonicMs() - began) * perSecond) / 1000));
    for (; made < due; made += 1) clusters[made % 2].child.send({ number: Math.floor(made / 2) % slices });
    await wait(2);
  }
}

await change(perSecond * 2);
await wait(2500);
samples.length = 0;
const before = clusters.map(({ sync }) => sync.metrics().writes);
const cpu = process.cpuUsage();
await change(perSecond * seconds);
await wait(2500);
const { user, system } = process.cpuUsage(cpu);
const left = clusters.flatMap(({ sent }) => [...sent.values()].flat()).length;
const writes = clusters.map(({ sync }, at) => (sync.metrics().writes.yz7.changed ?? 0) - (before[at].yz7.changed ?? 0));
process.send({
  samples,
  left,
  writes: writes[0] + writes[1],
  cpuMs: (user + system) / 1000,
  changes: perSecond * seconds,
});
for (const { sync, client, yz7, child } of clusters) {
  await sync.stop();
  await Promise.all([client.close(), yz7.close(), stop(child)]);
}
