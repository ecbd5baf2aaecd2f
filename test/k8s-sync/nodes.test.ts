// The guard of nodes that are lost together, on the embedded cluster and gateway.
import { afterEach, expect, it, vi } from 'vitest';
import type { SyncNotice } from '../../src/k8s-sync/index.js';
import { resources } from '../../src/kube/index.js';
import type { K8sSync } from '../../src/k8s-sync/index.js';
import { startSyncWorld, type SyncWorld } from './world.js';

const wait = { timeout: 15_000, interval: 50 };

let world: SyncWorld;
afterEach(() => world.end());

async function synced(options: Parameters<SyncWorld['newSync']>[0] = {}): Promise<K8sSync> {
  const sync = world.newSync(options);
  await sync.start();
  await vi.waitFor(() => expect(sync.metrics().upstreams[0]?.live).toBe(5), wait);
  return sync;
}

async function startWorld(): Promise<void> {
  world = await startSyncWorld({ nodes: 5 });
  await world.scale(5);
}

const up = async (): Promise<number> => (await world.servers()).filter((server) => server.endsWith(' up')).length;

it('keeps the pods of two of five nodes, also one that is evicted, until their kubelets are back', async () => {
  await startWorld();
  const sync = await synced();
  const notices: SyncNotice[] = [];
  const reading = (async () => {
    for await (const notice of sync.events()) notices.push(notice);
  })();
  await vi.waitFor(() => expect(sync.status().nodes).toEqual({ sight: 'seen', known: 5, lost: [] }), wait);
  const lost = ['bc-a-node-1', 'bc-a-node-2'];
  for (const node of lost) world.cluster.nodeFaults.loseNode(node);
  await vi.waitFor(() => expect(sync.status().holds[0]?.servers).toHaveLength(2), wait);
  expect(sync.status().holds[0]?.guard).toBe('nodes');
  expect(sync.status().nodes).toEqual({ sight: 'seen', known: 5, lost });
  expect(notices).toContainEqual({ type: 'nodes-lost', nodes: lost, known: 5 });
  expect(sync.metrics()).toMatchObject({ lostNodes: 2, guardTrips: { shrink: 0 } });
  expect((await sync.plan()).changes).toMatchObject([
    { drain: [], remove: [], held: [{}, {}].map(() => expect.any(String) as string) },
  ]);

  const [held] = sync.status().holds[0]!.servers;
  const [namespace, name] = held!.pod!.split('/') as [string, string];
  await world.client.delete(resources.pods, { namespace, name });
  await vi.waitFor(
    () => expect(sync.status().holds[0]?.servers.map(({ proof }) => proof)).toContain('terminating'),
    wait,
  );
  expect(await up()).toBeGreaterThanOrEqual(5);
  expect(sync.explain(held!.address).reasons.join('\n')).toMatch(
    /held by the nodes guard(.|\n)*2 of 5 nodes lost together/,
  );

  for (const node of lost) world.cluster.nodeFaults.startKubelet(node);
  await vi.waitFor(
    async () =>
      expect((await world.servers()).some((one) => one.startsWith(`${held!.address.split(':')[0]!} `))).toBe(false),
    wait,
  );
  await vi.waitFor(async () => expect(await up()).toBe(5), wait);
  expect(sync.status().holds).toEqual([]);
  await sync.stop();
  await reading;
});

it('goes on without the nodes where they may not be seen, and says so once', async () => {
  await startWorld();
  const said: string[] = [];
  const log = (_: object, message: string): void => void said.push(message);
  world.cluster.faults.failNext(1000, { status: 403, path: /\/nodes/, method: 'GET' });
  const sync = await synced({ logger: { info: log, warn: log, error: log } });
  await vi.waitFor(() => expect(sync.status().nodes.sight).toBe('unseen'), wait);
  for (const node of ['bc-a-node-1', 'bc-a-node-2']) world.cluster.nodeFaults.loseNode(node);
  await vi.waitFor(async () => expect(await up()).toBe(3), wait);
  expect(said.filter((message) => message.includes('Nodes'))).toEqual([
    'the Nodes may not be seen: the guard of lost nodes is off',
  ]);
});
