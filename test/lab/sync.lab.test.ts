// The syncer of a real cluster, its endpoints set by hand, and the embedded gateway.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { type RunningSync, startSyncWorld, type SyncWorld } from './by-hand/sync-world.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const wait = { timeout: 30_000, interval: 50 };
const [a, b, c] = ['10.1.0.1', '10.1.0.2', '10.1.0.3'] as const;

describe('the syncer on a real cluster', () => {
  let cluster: LabCluster;
  /** By the second API server, so that something happens while the syncer can't reach the first. */
  let admin: KubeClient;
  let world: SyncWorld;
  let running: RunningSync;
  let worlds = 0;

  const eventually = (...servers: readonly string[]): Promise<void> =>
    vi.waitFor(async () => expect(await world.servers()).toEqual(servers), wait);
  const eventuallyPhase = (phase: string): Promise<void> =>
    vi.waitFor(() => expect(running.sync.state()).toBe(phase), wait);

  beforeAll(async () => {
    ({ sync: cluster } = await useLab({ sync: { idc: 'bc' } }));
    admin = clientOf({ ...cluster, kubeconfig: await cluster.secondApiServer() });
  });
  afterAll(() => admin.close());
  beforeEach(async () => {
    world = await startSyncWorld(cluster, admin, `sync-${(worlds += 1)}`);
    for (const ip of [a, b, c]) await world.app.add(ip);
    running = await world.startSync();
    await eventually(`${a} up`, `${b} up`, `${c} up`);
    await vi.waitFor(() => expect(running.sync.metrics().upstreams[0]?.live).toBe(3), wait);
  });
  afterEach(() => world.end());

  it('adds a pod that gets ready, and drains one that ends before it goes', async () => {
    const { app } = world;
    await app.add('10.1.0.4', 'not-ready');
    await app.set('10.1.0.4', 'ready');
    await eventually(`${a} up`, `${b} up`, `${c} up`, '10.1.0.4 up');
    await app.end(a);
    await eventually(`${a} drain`, `${b} up`, `${c} up`, '10.1.0.4 up');
    await app.remove(a);
    await eventually(`${b} up`, `${c} up`, '10.1.0.4 up');
    await app.set(b, 'not-ready');
    await eventually(`${b} drain`, `${c} up`, '10.1.0.4 up');
    await app.set(b, 'ready');
    await eventually(`${b} up`, `${c} up`, '10.1.0.4 up');
    expect(world.gateway.stats().history.flatMap(({ undrained }) => undrained)).toEqual([]);
    expect(running.sync.metrics().guardTrips).toEqual({ empty: 0, shrink: 0, nodes: 0, port: 0 });
  });

  it('keeps pods that are alive though no slice has them, until their Service is proven gone', async () => {
    await world.app.hide(a, b, c);
    await vi.waitFor(() => expect(running.sync.metrics().guardTrips['empty']).toBe(1), wait);
    expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${c} up`]);
    const { namespace } = world.app;
    const { metadata } = await admin.get(resources.services, { namespace, name: 'shop' });
    // As `kubectl describe service` asks; the API server, too, has now and then something to say of a Service.
    const involved = `involvedObject.kind=Service,involvedObject.name=shop,involvedObject.uid=${metadata.uid}`;
    const fieldSelector = `${involved},reason=TrafficGuard`;
    const told = async () => (await admin.list(resources.events, { namespace, fieldSelector })).items;
    await vi.waitFor(async () => expect(await told()).toHaveLength(1), wait);
    expect((await told())[0]).toMatchObject({
      type: 'Warning',
      count: 1,
      message: expect.stringContaining(`the empty guard keeps in traffic ${a}:8030, ${b}:8030, ${c}:8030`) as string,
    });
    await world.app.deleteService();
    await eventually();
  });

  it('lets go pods that are proven gone, at once and without a guard', async () => {
    const { app } = world;
    for (const ip of [a, b, c]) await app.remove(ip);
    await eventually();
  });

  it.each<[string, keyof LabCluster & `${string}ApiServer`, keyof LabCluster & `${string}ApiServer`]>([
    ['cut off', 'dropApiServer', 'passApiServer'],
    ['paused', 'pauseApiServer', 'resumeApiServer'],
    ['killed', 'killApiServer', 'startApiServer'],
  ])('keeps everything of a cluster that is %s, and is live again without a write', async (_, fail, mend) => {
    const before = world.writes();
    running.notices.length = 0;
    await cluster[fail]();
    await eventuallyPhase('suspect');
    await eventuallyPhase('frozen');
    expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${c} up`]);
    await cluster[mend]();
    await eventuallyPhase('live');
    expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${c} up`]);
    expect(world.writes()).toBe(before);
    expect(running.phases()).toEqual(['suspect', 'frozen', 'syncing', 'live']);
    await world.app.end(a);
    await eventually(`${a} drain`, `${b} up`, `${c} up`);
  });

  it('learns after an outage what happened meanwhile', async () => {
    await cluster.dropApiServer();
    await eventuallyPhase('frozen');
    await world.app.add('10.1.0.4');
    await world.app.end(a);
    await world.app.remove(a);
    expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${c} up`]);
    await cluster.passApiServer();
    await eventually(`${b} up`, `${c} up`, '10.1.0.4 up');
  });
});
