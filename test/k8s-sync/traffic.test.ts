import { once } from 'node:events';
import { createServer, request, type Server as HttpServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Gateway } from '../../src/gateways/index.js';
import type { K8sSync } from '../../src/k8s-sync/index.js';
import { resources } from '../../src/kube/index.js';
import type { Server } from '../../src/members/index.js';
import { startSyncWorld, type SyncWorld } from './world.js';

const wait = { timeout: 15_000, interval: 50 };
const ann = { actor: 'ann', reason: 'etcd is restored' };
const source = 'k8s.bc.bc-a';

describe('the traffic of a whole cluster', () => {
  let world: SyncWorld;
  let neighbour: HttpServer;
  let sync: K8sSync;
  beforeEach(async () => {
    world = await startSyncWorld();
    neighbour = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(neighbour, 'listening');
    sync = world.newSync();
    await sync.start();
    await eventually(/^\S+ up,\S+ up$/);
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
  });
  afterEach(async () => {
    neighbour.close();
    neighbour.closeAllConnections();
    await world.end();
  });

  const eventually = (servers: RegExp) =>
    vi.waitFor(async () => expect((await world.servers()).join()).toMatch(servers), wait);

  /** What another cluster of this IDC, or of another one, has in the gateway. */
  async function other(change: Partial<Server> = {}, of = 'k8s.bc.bc-b'): Promise<void> {
    await world.writer.claim(of, { generation: '1', writer: 'other' });
    const address = neighbour.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const labels = { color: 'stable' };
    const server: Server = { ip: '127.0.0.1', port, weight: 100, state: 'up', uid: 'b', zone: '', labels, ...change };
    await world.writer.putSource({ upstream: 'shop.http', source: of, generation: '1', servers: [server] });
  }

  const ask = (): Promise<{ readonly status: number; readonly by: string }> =>
    new Promise((resolve, reject) => {
      const sent = request(world.gateway.dataUrl, { headers: { host: 'shop.http' }, agent: false }, (response) => {
        response.resume().on('end', () => {
          resolve({ status: response.statusCode ?? 0, by: String(response.headers['x-yz7-server']) });
        });
      });
      sent.on('error', reject).end();
    });

  /** Asks until it is told to stop; who answered, and what was no success. */
  function load(): { stop(): Promise<{ readonly by: readonly string[]; readonly failed: readonly number[] }> } {
    let isOver = false;
    const by: string[] = [];
    const failed: number[] = [];
    const work = async (): Promise<void> => {
      while (!isOver) {
        const answer = await ask();
        by.push(answer.by);
        if (answer.status !== 200) failed.push(answer.status);
      }
    };
    const done = Promise.all([work(), work()]);
    return {
      stop: async () => {
        isOver = true;
        await done;
        return { by, failed };
      },
    };
  }

  const serving = () => world.gateway.stats().requests;

  it('goes to the other cluster and comes back, with no failed request', async () => {
    await other();
    const requests = load();
    await vi.waitFor(() => expect(serving()).toBeGreaterThan(50), wait);
    const set = await sync.setTraffic({ percent: 0, ...ann });
    expect(set).toMatchObject({ kept: 'lease', changes: [{ gateway: 'bc-1', upstream: 'shop.http' }] });
    expect(set.changes[0]?.servers).toHaveLength(2);
    await eventually(/^\S+ drain,\S+ drain$/);
    expect(sync.status().traffic).toMatchObject({ percent: 0, ...ann });
    expect((await sync.plan()).changes).toEqual([]);
    const [pod] = (await world.servers())[0]!.split(' ');
    expect(sync.explain(pod!).reasons.join('\n')).toContain('traffic at 0 % by ann: etcd is restored');
    await vi.waitFor(() => expect(sync.status().upstreams[0]?.gateways[0]?.unconfirmed).toBe(0), wait);
    const drained = load();
    await vi.waitFor(() => expect(serving()).toBeGreaterThan(150), wait);
    expect(new Set((await drained.stop()).by).size).toBe(1);
    await world.scale(3);
    await eventually(/^\S+ drain,\S+ drain,\S+ drain$/);
    await sync.setTraffic({ percent: 100, actor: 'ann' });
    await eventually(/^\S+ up,\S+ up,\S+ up$/);
    expect(sync.status().traffic).toBeNull();
    const { by, failed } = await requests.stop();
    expect([failed, by.length > 100, new Set(by).size > 2]).toEqual([[], true, true]);
  }, 60_000);

  it('outlives its leader: the next one neither asks the pods back nor the one after it', async () => {
    await other();
    const second = world.newSync();
    await second.start();
    // Given to the one that stands by.
    await second.setTraffic({ percent: 0, ...ann });
    await eventually(/^\S+ drain,\S+ drain$/);
    await sync.stop();
    await vi.waitFor(() => expect(second.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    await second.stop();
    const { writes } = world.gateway.stats();
    const third = world.newSync();
    await third.start();
    await vi.waitFor(() => expect(third.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    await vi.waitFor(() => expect(third.status().upstreams[0]?.gateways[0]?.drain).toBe(2), wait);
    expect(third.status().traffic).toMatchObject({ percent: 0, ...ann });
    expect(world.gateway.stats().writes).toEqual(writes);
    await third.setTraffic({ percent: 100, actor: 'ann' });
    await eventually(/^\S+ up,\S+ up$/);
  }, 60_000);

  it('stays away from a drained cluster when a new leader can’t read the order', async () => {
    await other();
    await sync.setTraffic({ percent: 0, ...ann });
    await eventually(/^\S+ drain,\S+ drain$/);
    await sync.stop();
    const ref = { namespace: 'default', name: 'k8s-sync' };
    const annotations = { 'youzan-kube.youzan.com/orders': '{"torn' };
    await world.client.patch(resources.leases, ref, { metadata: { annotations } });
    const next = world.newSync();
    await next.start();
    await vi.waitFor(() => expect(next.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    await world.scale(3);
    await eventually(/^\S+ drain,\S+ drain,\S+ drain$/);
    expect(next.status().traffic).toMatchObject({ percent: null });
  }, 60_000);

  it('is lowered to a share of each weight', async () => {
    await sync.setTraffic({ percent: 20, ...ann });
    await vi.waitFor(async () => {
      const content = await world.writer.readSource('shop.http', source);
      expect(content?.servers.map(({ weight, state }) => [weight, state])).toEqual([
        [20, 'up'],
        [20, 'up'],
      ]);
    }, wait);
  });

  it('is not taken from where nobody else in the IDC serves, unless by force', async () => {
    const refused = { code: 'TRAFFIC_REFUSED', path: 'bc-a' };
    const alone = 'bc-a stays in traffic: at bc-1 nobody else in bc serves shop.http';
    const drain = (more: object = {}) => sync.setTraffic({ percent: 0, ...ann, ...more });
    await expect(drain()).rejects.toMatchObject({ ...refused, message: alone });
    await other({ state: 'drain' });
    await expect(drain({ dryRun: true })).rejects.toMatchObject({ ...refused, message: alone });
    await other({}, 'k8s.bd.bd-a');
    await expect(drain()).rejects.toMatchObject({ ...refused, message: alone });
    expect(sync.status().traffic).toBeNull();
    expect(await drain({ force: true, dryRun: true })).toMatchObject({ kept: null, changes: [{ gateway: 'bc-1' }] });
    expect(await world.servers()).toEqual([expect.stringMatching(/ up$/), expect.stringMatching(/ up$/)]);
    world.gateway.faults.refuseWrites(source, 503);
    expect(await drain({ force: true })).toMatchObject({ kept: 'lease' });
    expect((await sync.plan()).changes).toMatchObject([{ drain: [expect.any(String), expect.any(String)] }]);
    world.gateway.faults.acceptWrites();
    await eventually(/^\S+ drain,\S+ drain$/);
  }, 30_000);

  it('is not taken where a gateway can’t be asked, nor where the Lease can’t be written', async () => {
    await other();
    const lost: Gateway = { ...world.writer, name: 'bc-2', readSources: () => Promise.reject(new Error('no route')) };
    const blind = world.newSync({ gateways: [world.writer, lost] });
    await expect(blind.setTraffic({ percent: 0, ...ann })).rejects.toMatchObject({
      code: 'TRAFFIC_REFUSED',
      message: "bc-a stays in traffic: bc-2 can't be asked: no route",
    });
    world.cluster.faults.partition();
    await expect(sync.setTraffic({ percent: 0, ...ann })).rejects.toMatchObject({ code: 'ORDERS_NOT_WRITTEN' });
    expect(sync.status().traffic).toBeNull();
    world.cluster.faults.heal();
  }, 30_000);

  it('is not ordered by what can’t be meant', async () => {
    const whole = 'it must be a whole number from 0 to 100';
    for (const [order, message] of [
      [{ percent: -1, ...ann }, `percent is -1; ${whole}`],
      [{ percent: 12.5, ...ann }, `percent is 12.5; ${whole}`],
      [{ percent: 0, actor: 'ann' }, 'an order on the traffic needs a reason'],
    ] as const)
      await expect(sync.setTraffic(order)).rejects.toMatchObject({ code: 'TRAFFIC_INVALID', message });
  });
});
