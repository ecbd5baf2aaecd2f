// A process of its own: one way of coming to know all EndpointSlices of a server, once. Says how long it took, its CPU
// time, how long the event loop stood still, and the heap that is kept.
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// First of all: whoever asked may go at any time.
process.on('disconnect', () => process.exit(0));
const { way, url, slices } = JSON.parse(process.argv[2]);
const path = '/apis/discovery.k8s.io/v1/endpointslices';

const credentials = {
  read: () => Promise.resolve({ server: url, skipTlsVerify: false }),
};

/** Each way prepares, then begins; what it resolves with is held while the heap is measured. */
const ways = {
  async floor() {
    const text = await (await fetch(`${url}${path}`)).text();
    return () => Promise.resolve({ held: JSON.parse(text) });
  },

  async reflector() {
    const { createKubeClient, createReflector, decodeEndpointSlice, resources, youzanConventions } =
      await import('../../../dist/index.js');
    const client = createKubeClient({ name: 'bc-a', credentials });
    await client.get(resources.leases, { namespace: 'default', name: 'none' }).catch(() => undefined);
    return async () => {
      const { promise, resolve } = withResolvers();
      const reflector = createReflector({
        client,
        type: resources.endpointSlices,
        decode: (object) => decodeEndpointSlice(object, youzanConventions),
        onEvents: (events) => events.some(({ type }) => type === 'replaced') && resolve(),
      });
      reflector.start();
      await promise;
      return { held: reflector };
    };
  },

  async syncer() {
    const { createK8sSync, createKubeClient, resources } = await import('../../../dist/index.js');
    const client = createKubeClient({ name: 'bc-a', credentials });
    await client.get(resources.leases, { namespace: 'default', name: 'none' }).catch(() => undefined);
    return async () => {
      const gateway = acceptingGateway(slices);
      // A Lease of its own: that of the round before is not given back.
      const lease = { namespace: 'default', name: `k8s-sync-${process.pid}` };
      const sync = createK8sSync({ cluster: client, idc: 'bc', gateways: [gateway], lease });
      await sync.start();
      await gateway.allWritten;
      return { held: sync, confirmed: () => gateway.allConfirmed };
    };
  },

  async 'client-node'() {
    const { DiscoveryV1Api, KubeConfig, makeInformer } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'bc-a', server: url, skipTLSVerify: true }],
      users: [{ name: 'user' }],
      contexts: [{ name: 'bc-a', cluster: 'bc-a', user: 'user' }],
      currentContext: 'bc-a',
    });
    const api = config.makeApiClient(DiscoveryV1Api);
    const informer = makeInformer(config, path, () => api.listEndpointSliceForAllNamespaces());
    const failed = withResolvers();
    informer.on('error', failed.reject);
    return async () => {
      await Promise.race([informer.start(), failed.promise]);
      if (informer.list().length !== slices) throw new Error('the informer has no list');
      return { held: informer };
    };
  },
};

function withResolvers() {
  const out = {};
  out.promise = new Promise((resolve, reject) => Object.assign(out, { resolve, reject }));
  return out;
}

/** Takes every write, and answers when all are there, so that its own work is not measured. */
function acceptingGateway(upstreams) {
  const storeId = '5f7c1f0e-0000-4000-8000-000000000000';
  const written = new Set();
  const all = withResolvers();
  const confirmed = withResolvers();
  let revision = 0;
  const lineOf = ({ ip, port, uid, weight, state, zone, labels }) => {
    const pairs = Object.keys(labels).sort();
    return `${ip}:${port}|${uid}|${weight}|${state}|${zone}|${pairs.map((key) => `${key}=${labels[key]}`).join(',')}`;
  };
  return {
    name: 'yz7',
    idc: 'bc',
    allWritten: all.promise,
    allConfirmed: confirmed.promise,
    claim: () => Promise.resolve({ storeId, formerGeneration: '0', formerWriter: '', upstreams: [] }),
    readSources: () => Promise.resolve([]),
    readSource: () => Promise.resolve(undefined),
    close: () => Promise.resolve(),
    async putSource({ upstream, generation, servers }) {
      written.add(upstream);
      if (written.size === upstreams) all.resolve();
      await all.promise;
      const digest = createHash('sha256').update(servers.map(lineOf).sort().join('\n')).digest('hex');
      revision += 1;
      return { storeId, revision, generation, digest, changed: true, added: servers.length, removed: 0 };
    },
    status({ minRevision } = { minRevision: 0 }) {
      if (minRevision === upstreams) confirmed.resolve();
      return Promise.resolve({ storeId, workers: [], applied: true, lagging: [] });
    },
  };
}

function heap() {
  for (let times = 0; times < 3; times += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
const turn = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

const begin = await ways[way]();
await turn();
const before = heap();
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
// The first tick is only what the next one is measured from.
await turn(5);
const cpu = process.cpuUsage();
const started = performance.now();
const result = await begin();
const ms = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
// The turn that has ended counts when the next one begins.
await turn(5);
delays.disable();
await result?.confirmed?.();
await turn();
const bytes = heap() - before;
process.send({
  ms,
  cpuMs: (user + system) / 1000,
  delayMs: delays.percentile(99) / 1e6,
  delayMaxMs: delays.max / 1e6,
  bytes,
});
