import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shardEntries } from '../../src/k8s-sync/core/index.js';
import { replay, type SyncNotice } from '../../src/k8s-sync/index.js';
import { systemClock } from '../../src/kube/clock.js';
import { resources } from '../../src/kube/index.js';
import { startSyncWorld, type SyncWorld } from './world.js';

const wait = { timeout: 10_000, interval: 50 };

describe('createK8sSync, on the embedded cluster and gateway', () => {
  let world: SyncWorld;
  beforeEach(async () => {
    world = await startSyncWorld();
  });
  afterEach(() => world.end());

  const eventuallyServes = (count: number) =>
    vi.waitFor(async () => {
      const servers = await world.servers();
      expect(servers.filter((server) => server.endsWith(' up'))).toHaveLength(count);
      expect(servers).toHaveLength(count);
    }, wait);

  it('brings ready pods to the gateway, follows a scale, and empties it by proof when all pods are gone', async () => {
    const sync = world.newSync();
    await sync.start();
    await eventuallyServes(2);
    expect(sync.state()).toBe('live');
    await world.scale(3);
    await eventuallyServes(3);
    await world.scale(1);
    await eventuallyServes(1);
    await world.scale(0);
    await eventuallyServes(0);
    const { writes, guardTrips, propagationCount } = sync.metrics();
    expect(writes['bc-1']!['changed']).toBeGreaterThan(3);
    expect(guardTrips['empty']).toBeGreaterThan(0);
    expect(propagationCount).toBeGreaterThan(1);
    // Only the last one went without a drain: its pod was proven gone.
    expect(world.gateway.stats().history.flatMap(({ undrained }) => undrained).length).toBeLessThanOrEqual(1);
  });

  it('keeps every server of a cluster that it cannot see, and writes nothing until it is back', async () => {
    const sync = world.newSync();
    await sync.start();
    await eventuallyServes(2);
    await vi.waitFor(() => expect(sync.metrics().upstreams[0]?.live).toBe(2), wait);
    const before = await world.servers();
    const writes = () => JSON.stringify(world.gateway.stats().writes);
    const writesBefore = writes();
    world.cluster.faults.partition();
    await vi.waitFor(() => expect(sync.state()).toBe('suspect'), wait);
    await vi.waitFor(() => expect(sync.state()).toBe('frozen'), wait);
    expect(await world.servers()).toEqual(before);
    world.cluster.faults.heal();
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
    expect(await world.servers()).toEqual(before);
    expect(writes()).toBe(writesBefore);
  });

  it('keeps a freeze in the Lease: given to one that stands by, the leader holds it, and the next leader too', async () => {
    const [first, second] = [world.newSync(), world.newSync()];
    await first.start();
    await eventuallyServes(2);
    await vi.waitFor(() => expect(first.state()).toBe('live'), wait);
    await second.start();
    await vi.waitFor(() => expect(second.metrics().upstreams).toHaveLength(1), wait);
    expect(await second.freeze({ actor: 'ann', reason: 'the switch' })).toEqual({ kept: 'lease' });
    await vi.waitFor(
      () => expect(first.status().frozenByOperator).toMatchObject({ actor: 'ann', reason: 'the switch' }),
      wait,
    );
    const before = await world.servers();
    await first.stop();
    await vi.waitFor(() => expect(second.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    const third = world.newSync();
    await second.stop();
    await third.start();
    await world.scale(1);
    await vi.waitFor(() => expect(third.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    await vi.waitFor(() => expect(third.metrics().upstreams).toMatchObject([{ desired: 1, live: 2 }]), wait);
    expect(third.status().frozenByOperator).toMatchObject({ actor: 'ann' });
    expect(await world.servers()).toEqual(before);
    expect(await third.unfreeze({ actor: 'ann' })).toEqual({ kept: 'lease' });
    await eventuallyServes(1);
  }, 60_000);

  it('takes a freeze while the API server is away, and says that only this process has it', async () => {
    const sync = world.newSync();
    await sync.start();
    await eventuallyServes(2);
    world.cluster.faults.partition();
    expect(await sync.freeze({ actor: 'ann' })).toEqual({ kept: 'process' });
    expect(sync.status().frozenByOperator).toMatchObject({ actor: 'ann' });
    await expect(sync.unfreeze()).rejects.toMatchObject({ code: 'ORDERS_NOT_WRITTEN' });
    world.cluster.faults.heal();
    const ref = { namespace: 'default', name: 'k8s-sync' };
    await vi.waitFor(async () => {
      const { metadata } = await world.client.get(resources.leases, ref);
      expect(metadata.annotations?.['youzan-kube.youzan.com/orders']).toContain('"actor":"ann"');
    }, wait);
  });

  it('goes by the clock that it is given', async () => {
    let ahead = 0;
    const sync = world.newSync({ clock: { ...systemClock, now: () => systemClock.now() + ahead } });
    const phases: string[] = [];
    void (async () => {
      for await (const notice of sync.events()) if (notice.type === 'phase') phases.push(notice.to);
    })();
    await sync.start();
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
    ahead = 60_000;
    await vi.waitFor(() => expect(phases).toContain('frozen'), wait);
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
    await eventuallyServes(2);
  });

  it('keeps pods that all turn not ready at once, says so, and lets them go by an override', async () => {
    const sync = world.newSync();
    await sync.start();
    await eventuallyServes(2);
    world.cluster.nodeFaults.loseNode();
    await vi.waitFor(() => expect(sync.metrics().guardTrips['empty']).toBeGreaterThan(0), wait);
    expect((await world.servers()).every((server) => server.endsWith(' up'))).toBe(true);
    const ip = (await world.servers())[0]!.split(' ')[0]!;
    expect(sync.explain(ip).reasons.join('\n')).toContain('held by the empty guard');
    sync.override('shop.http', { reason: 'the node is really gone', actor: 'me' });
    await vi.waitFor(
      async () => expect((await world.servers()).filter((server) => server.endsWith(' up'))).toHaveLength(0),
      wait,
    );
  });

  it('says on the Service what a guard goes on to hold', async () => {
    const sync = world.newSync();
    await sync.start();
    await eventuallyServes(2);
    const told = async () =>
      (await world.client.list(resources.events, { namespace: 'default' })).items.filter(
        ({ reason }) => reason === 'TrafficGuard',
      );
    world.cluster.nodeFaults.loseNode();
    await vi.waitFor(async () => expect(await told()).toHaveLength(1), wait);
    const { metadata } = await world.client.get(resources.services, { namespace: 'default', name: 'shop' });
    const [event] = await told();
    expect(event).toMatchObject({ type: 'Warning', involvedObject: { name: 'shop', uid: metadata.uid } });
    for (const server of await world.servers()) expect(event!['message']).toContain(server.split(' ')[0]);
    expect(sync.metrics().guardTrips['empty']).toBeGreaterThan(0);
    expect(event!['count']).toBeLessThanOrEqual(sync.metrics().guardTrips['empty']!);
  });

  it('names an address that another source has, too, for as long as it does', async () => {
    const notices: SyncNotice[] = [];
    const sync = world.newSync({ timings: { driftMs: 200 } });
    const reading = (async () => {
      for await (const notice of sync.events()) if (notice.type === 'conflict') notices.push(notice);
    })();
    await sync.start();
    await eventuallyServes(2);
    const content = await world.writer.readSource('shop.http', 'k8s.bc.bc-a');
    const [server] = content!.servers;
    const address = `${server!.ip}:8030`;
    const source = 'vm.bc';
    await world.writer.claim(source, { generation: '1', writer: 'ann' });
    await world.writer.putSource({
      upstream: 'shop.http',
      source,
      generation: '2',
      servers: [{ ...server!, uid: 'other' }],
    });
    // The syncer's own change is what it looks for; what others write is theirs to report.
    await world.scale(3);
    await vi.waitFor(() => expect(sync.metrics().conflicts).toEqual({ 'bc-1': 1 }), wait);
    expect(sync.status().conflicts).toMatchObject([{ gateway: 'bc-1', upstream: 'shop.http', address }]);
    for (const of of [address, 'shop.http'])
      expect(sync.explain(of).reasons).toContain(
        `shop.http at bc-1: ${address} is of several sources: vm.bc up, k8s.bc.bc-a up`,
      );
    const force = { reason: 'moved', actor: 'ann' };
    await world.writer.putSource({ upstream: 'shop.http', source, generation: '3', servers: [], force });
    await vi.waitFor(() => expect(sync.metrics().conflicts).toEqual({ 'bc-1': 0 }), wait);
    await sync.stop();
    await reading;
    expect(notices[0]).toMatchObject({ gateway: 'bc-1', upstream: 'shop.http', conflicts: [{ address }] });
    expect(notices.at(-1)).toEqual({ type: 'conflict', gateway: 'bc-1', upstream: 'shop.http', conflicts: [] });
  });

  it('retries what the gateway refuses and loses no server', async () => {
    const sync = world.newSync();
    await sync.start();
    await eventuallyServes(2);
    for (const status of [503, 429, 500] as const) {
      world.gateway.faults.refuseWrites('k8s.bc.bc-a', status);
      await world.scale(3);
      await vi.waitFor(
        () =>
          expect(Object.keys(sync.metrics().writes['bc-1']!)).toContain(
            { 503: 'STORE_UNAVAILABLE', 429: 'RATE_LIMITED', 500: 'SERVER_ERROR' }[status],
          ),
        wait,
      );
      expect(await world.servers()).toHaveLength(2);
      world.gateway.faults.acceptWrites();
      await eventuallyServes(3);
      await world.scale(2);
      await eventuallyServes(2);
    }
  });

  it('says which gateway refused what, and why', async () => {
    const said: string[] = [];
    const log = (_: object, message: string) => void said.push(message);
    const sync = world.newSync({ logger: { info: log, warn: log, error: log } });
    await sync.start();
    await eventuallyServes(2);
    world.gateway.faults.refuseWrites('k8s.bc.bc-a', 503);
    await world.scale(3);
    await vi.waitFor(() => expect(said.join('\n')).toMatch(/bc-1 did not take a write: STORE_UNAVAILABLE: /), wait);
  });

  it('publishes the addresses of the second network that the Service names, once they are known', async () => {
    const network = { 'youzan.com/network': 'default.macvlan' };
    await world.client.patch(
      resources.services,
      { namespace: 'default', name: 'shop' },
      { metadata: { labels: network } },
    );
    const sync = world.newSync();
    await sync.start();
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
    expect(await world.servers()).toEqual([]);
    const { items } = await world.client.list(resources.pods, { namespace: 'default' });
    for (const [index, { metadata }] of items.entries()) {
      const status = JSON.stringify([{ name: 'default/macvlan', interface: 'net1', ips: [`10.77.0.${index + 1}`] }]);
      const annotations = { 'k8s.v1.cni.cncf.io/network-status': status };
      await world.client.patch(
        resources.pods,
        { namespace: 'default', name: metadata.name },
        { metadata: { annotations } },
      );
    }
    await vi.waitFor(async () => expect(await world.servers()).toEqual(['10.77.0.1 up', '10.77.0.2 up']), wait);
    expect((await sync.plan()).changes).toEqual([]);
  });

  it('plans without writing, and has nothing to plan once it has synced', async () => {
    const sync = world.newSync();
    await vi.waitFor(async () => expect((await sync.plan()).changes[0]?.add).toHaveLength(2), wait);
    expect(await world.servers()).toEqual([]);
    await sync.start();
    await eventuallyServes(2);
    expect((await sync.plan()).changes).toEqual([]);
  });

  it('hands over to the next leader, which starts from what is there, and fences the former', async () => {
    const first = world.newSync();
    await first.start();
    await eventuallyServes(2);
    const second = world.newSync();
    await second.start();
    await first.stop();
    await vi.waitFor(() => expect(second.state()).toBe('live'), wait);
    await world.scale(3);
    await eventuallyServes(3);
    const lease = await world.client.get(resources.leases, { namespace: 'default', name: 'k8s-sync' });
    expect(Object.values(lease.metadata.annotations ?? {})).toContain('2');
    await expect(
      world.writer.putSource({
        upstream: 'shop.http',
        source: 'k8s.bc.bc-a',
        generation: String((1n << 32n) + 99n),
        servers: [],
      }),
    ).rejects.toMatchObject({ code: 'STALE_GENERATION' });
  });

  it('writes a journal that plays back to the same state', async () => {
    let journal = '';
    const sync = world.newSync({ journal: (line) => (journal += line) });
    await sync.start();
    await eventuallyServes(2);
    await vi.waitFor(() => expect(sync.metrics().propagationCount).toBeGreaterThan(0), wait);
    const state = replay(journal);
    // One moment: nothing happens between the two. A machine under load may have missed a heartbeat.
    expect(state.health.phase).toBe(sync.state());
    const upstreams = shardEntries(state.upstreams);
    expect(upstreams.map(([name, { placed }]) => [name, placed['bc-1']!.servers.length])).toEqual([['shop.http', 2]]);
  });
});
