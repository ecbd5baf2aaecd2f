// The three ways in which a controller's view of its cluster goes wrong, after Sieve (OSDI 2022), against a running syncer:
// it dies between any two of its writes, it does not see what happened, it sees what is long past. Each ends as if nothing
// had been, and no server goes whose pod stays.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { type ApiGate, openApiGate } from './by-hand/api-gate.js';
import { quick, type RunningSync, startSyncWorld, type SyncWorld } from './by-hand/sync-world.js';
import type { SyncerOrder } from './by-hand/syncer-process.js';
import { openWriteGate, type WriteGate } from './by-hand/write-gate.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { Child, script } from './updates/child.js';
import { useLab } from './use-lab.js';

const wait = { timeout: 40_000, interval: 30 };
const [a, b, c, d] = ['10.6.0.1', '10.6.0.2', '10.6.0.3', '10.6.0.4'] as const;

describe('a syncer whose view of the cluster goes wrong', () => {
  let cluster: LabCluster;
  let secondKubeconfig: string;
  let admin: KubeClient;
  let worlds = 0;

  beforeAll(async () => {
    ({ 'sync-sieve': cluster } = await useLab({ 'sync-sieve': { idc: 'bc' } }));
    secondKubeconfig = await cluster.secondApiServer();
    admin = clientOf(cluster);
  });
  afterAll(() => admin.close());
  async function startWorld(...ips: readonly string[]): Promise<SyncWorld> {
    const world = await startSyncWorld(cluster, admin, `sync-sieve-${(worlds += 1)}`);
    for (const ip of ips) await world.app.add(ip);
    return world;
  }

  const has = (world: SyncWorld, ...servers: readonly string[]): Promise<void> =>
    vi.waitFor(async () => expect(await world.servers()).toEqual(servers), wait);
  /** Every address that ever went out of traffic, in order. */
  const taken = (world: SyncWorld): string[] =>
    world.gateway.stats().history.flatMap(({ drained, undrained }) => [...drained, ...undrained]);
  /** The Lease was renewed so often again: the syncer has had its time to err. */
  async function heartbeats(world: SyncWorld, count: number): Promise<void> {
    const version = async (): Promise<string | undefined> =>
      (await admin.get(resources.leases, { namespace: world.app.namespace, name: 'k8s-sync' })).metadata
        .resourceVersion;
    for (let seen = 0; seen < count; seen += 1) {
      const before = await version();
      await vi.waitFor(async () => expect(await version()).not.toBe(before), wait);
    }
  }
  const of = (...ips: readonly string[]): string[] => ips.map((ip) => `${ip}:8030`);

  describe('because it is killed', { concurrent: true }, () => {
    function syncerFor(world: SyncWorld, url: string): Child {
      const order: SyncerOrder = {
        cluster: cluster.name,
        idc: cluster.idc,
        kubeconfig: cluster.kubeconfig,
        namespace: world.app.namespace,
        gateways: [{ name: 'bc-1', url, token: world.gateway.token }],
        renewMs: quick.renewMs,
      };
      return new Child([...script(new URL('by-hand/syncer-process.ts', import.meta.url)), JSON.stringify(order)]);
    }

    /** What a cluster goes through in this test; each turn is only taken when the former one has arrived. */
    async function live(world: SyncWorld): Promise<void> {
      const { app } = world;
      await has(world, `${a} up`, `${b} up`);
      await app.add(c);
      await has(world, `${a} up`, `${b} up`, `${c} up`);
      await app.end(a);
      await has(world, `${a} drain`, `${b} up`, `${c} up`);
      await app.remove(a);
      await has(world, `${b} up`, `${c} up`);
      await app.set(b, 'not-ready');
      await has(world, `${b} drain`, `${c} up`);
      await app.set(b, 'ready');
      await has(world, `${b} up`, `${c} up`);
    }

    /** Replaces the syncer when the gate says so; what the dead one holds of the Lease is not waited for. */
    async function killAt(gate: WriteGate, syncer: Child, { app: { namespace } }: SyncWorld): Promise<boolean> {
      const isReached = await gate.reached;
      if (!isReached) return false;
      await syncer.kill();
      gate.open();
      await admin.delete(resources.leases, { namespace, name: 'k8s-sync' });
      syncer.start();
      return true;
    }

    // Two claims and a write for each turn: what comes after the last one is not reached, which the last case shows.
    const lastWrite = 7;
    const cases = (['before', 'after'] as const).flatMap((side) =>
      Array.from({ length: lastWrite + 1 }, (_, index) => [side, index + 1] as const),
    );
    it.for(cases)('%s its write %i, and another one goes on', async ([side, at], { expect }) => {
      const world = await startWorld(a, b);
      const gate = await openWriteGate(world.gateway.adminUrl, { at, side });
      const syncer = syncerFor(world, gate.url);
      try {
        syncer.start();
        const killed = killAt(gate, syncer, world);
        await live(world);
        gate.open();
        expect(await killed).toBe(at <= lastWrite);
        expect(taken(world)).toEqual(of(a, b));
        expect(world.gateway.stats().history.flatMap(({ undrained }) => undrained)).toEqual([]);
      } finally {
        await syncer.kill();
        await gate.close();
        await world.end();
      }
    });
  });

  describe('because events do not reach it', () => {
    let world: SyncWorld;
    let gate: ApiGate;
    let running: RunningSync;

    beforeEach(async () => {
      gate = await openApiGate(cluster.name, () => cluster.kubeconfig);
      world = await startWorld(a, b, c);
      running = await world.startSync({ cluster: gate.client() });
      await has(world, `${a} up`, `${b} up`, `${c} up`);
      await vi.waitFor(() => expect(running.sync.state()).toBe('live'), wait);
    });
    afterEach(async () => {
      await world.end();
      await gate.close();
    });

    it.each<[string, (gate: ApiGate) => void]>([
      ['come late', (late) => late.deliver()],
      ['are lost with their watch', (late) => late.lose()],
      ['are lost, and the watch that would tell them is too late', (late) => late.expire()],
    ])('and %s', async (_, mend) => {
      const { app } = world;
      gate.withhold();
      // A pod goes, another one gets its address; one turns and turns back; one goes for good, and one comes.
      await app.end(a);
      await app.remove(a);
      await app.add(a);
      await app.set(b, 'not-ready');
      await app.set(b, 'ready');
      await app.end(c);
      await app.remove(c);
      await app.add(d);
      await heartbeats(world, 3);
      expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${c} up`]);
      const [before] = await uids(a);
      mend(gate);
      await has(world, `${a} up`, `${b} up`, `${d} up`);
      await vi.waitFor(async () => expect(await uids(a)).toEqual([(await podUid(a)) ?? 'none']), wait);
      expect(await uids(a)).not.toEqual([before]);
      expect(taken(world).filter((server) => of(b).includes(server))).toEqual([]);
    });

    async function uids(ip: string): Promise<string[]> {
      return (await world.content()).filter((server) => server.ip === ip).map(({ uid }) => uid);
    }
    async function podUid(ip: string): Promise<string | undefined> {
      const name = `shop-${ip.replaceAll('.', '-')}`;
      return (await admin.get(resources.pods, { namespace: world.app.namespace, name })).metadata.uid;
    }
  });

  describe('because the API server that it asks has fallen behind', () => {
    let world: SyncWorld;
    let gate: ApiGate;
    const toFirst = (): string => cluster.kubeconfig;
    const toSecond = (): string => secondKubeconfig;

    beforeEach(async () => {
      gate = await openApiGate(cluster.name, toFirst);
      world = await startWorld(a, b, c);
    });
    afterEach(async () => {
      await cluster.thawSecondApiServer();
      await world.end();
      await gate.close();
    });
    const started = async (): Promise<RunningSync> => {
      const running = await world.startSync({ cluster: gate.client() });
      await has(world, `${a} up`, `${b} up`, `${c} up`);
      await vi.waitFor(() => expect(running.sync.state()).toBe('live'), wait);
      return running;
    };
    /** What the second server does not know: c is gone, d is there. */
    async function fallBehind(): Promise<void> {
      const { app } = world;
      await cluster.freezeSecondApiServer();
      await app.add(d);
      await has(world, `${a} up`, `${b} up`, `${c} up`, `${d} up`);
      await app.end(c);
      await app.remove(c);
      await has(world, `${a} up`, `${b} up`, `${d} up`);
    }

    it('when it is moved onto it', async () => {
      const running = await started();
      await fallBehind();
      gate.reroute(toSecond);
      await vi.waitFor(() => expect(running.sync.state()).toBe('frozen'), wait);
      expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${d} up`]);
      await world.app.end(b);
      await cluster.thawSecondApiServer();
      await has(world, `${a} up`, `${b} drain`, `${d} up`);
      expect(taken(world)).toEqual(of(c, b));
    });

    it('when it is started on it', async () => {
      const running = await started();
      await fallBehind();
      await running.sync.stop();
      gate.reroute(toSecond);
      const next = await world.startSync({ cluster: gate.client() });
      const before = gate.asked();
      await vi.waitFor(() => expect(gate.asked()).toBeGreaterThan(before + 5), wait);
      expect(next.sync.state()).toBe('syncing');
      expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${d} up`]);
      await cluster.thawSecondApiServer();
      await vi.waitFor(() => expect(next.sync.state()).toBe('live'), wait);
      await world.app.end(b);
      await has(world, `${a} up`, `${b} drain`, `${d} up`);
      expect(taken(world)).toEqual(of(c, b));
    });

    it('when a load balancer gives it the watches of one and the Lease of the other', async () => {
      const running = await started();
      await fallBehind();
      gate.reroute(({ path }) => (path.includes('/leases') ? toFirst() : toSecond()));
      await world.app.end(b);
      await world.app.remove(b);
      await world.app.add(c);
      await heartbeats(world, 3);
      expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${d} up`]);
      await cluster.thawSecondApiServer();
      await has(world, `${a} up`, `${c} up`, `${d} up`);
      await vi.waitFor(() => expect(running.sync.state()).toBe('live'), wait);
    });
  });
});
