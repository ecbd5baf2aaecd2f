// The real syncer of an embedded cluster, writing to a real HAProxy: what it decides is what the socket shows.
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readServers } from '../../../src/gateways/haproxy/answers.js';
import type { Gateway, SourceWrite } from '../../../src/gateways/index.js';
import { startSyncWorld, type SyncWorld } from '../../k8s-sync/world.js';
import { HaproxyProcess, isHaproxyMissing } from './haproxy-process.js';

const wait = { timeout: 15_000, interval: 50 };

describe.skipIf(isHaproxyMissing())('the syncer with HAProxy as its gateway', () => {
  let world: SyncWorld;
  let haproxy: HaproxyProcess;
  beforeEach(async () => {
    haproxy = await HaproxyProcess.start(['shop.http']);
    world = await startSyncWorld();
  });
  afterEach(async () => {
    await world.end();
    await haproxy.stop();
  });

  /** `ip state` of each server, as the socket tells it without the gateway. */
  const live = async (): Promise<string[]> => {
    const servers = readServers(await haproxy.ask('show servers state shop.http')) ?? [];
    return servers.map(({ ip, state }) => `${ip} ${state}`).sort();
  };
  const eventuallyServes = (count: number) =>
    vi.waitFor(async () => {
      const servers = await live();
      expect(servers.filter((each) => each.endsWith(' up'))).toHaveLength(count);
      expect(servers).toHaveLength(count);
    }, wait);

  /** Every write of a gateway, as the states of each pod's server. */
  function recording(gateway: Gateway): { gateway: Gateway; writes: SourceWrite[] } {
    const writes: SourceWrite[] = [];
    const recorder: Gateway = {
      name: gateway.name,
      idc: gateway.idc,
      ...(gateway.limits && { limits: gateway.limits }),
      claim: (...given) => gateway.claim(...given),
      readSource: (...given) => gateway.readSource(...given),
      readSources: (...given) => gateway.readSources(...given),
      readEffective: (...given) => gateway.readEffective(...given),
      status: (...given) => gateway.status(...given),
      close: () => gateway.close(),
      putSource: async (write, options) => {
        const answer = await gateway.putSource(write, options);
        writes.push(write);
        return answer;
      },
    };
    return { gateway: recorder, writes };
  }

  const get = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      http
        .get(haproxy.url, { headers: { host: 'shop.http' } }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        })
        .on('error', reject);
    });

  it('brings pods in, takes them out drained first, and loses no request meanwhile', async () => {
    const { gateway, writes } = recording(haproxy.open());
    const sync = world.newSync({ gateways: [gateway] });
    await sync.start();
    await eventuallyServes(2);
    let isOver = false;
    const statuses: (number | undefined)[] = [];
    const load = (async () => {
      while (!isOver) statuses.push(await get());
    })();
    await world.scale(4);
    await eventuallyServes(4);
    await world.scale(1);
    await eventuallyServes(1);
    isOver = true;
    await load;
    expect(statuses.length).toBeGreaterThan(10);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);

    const keys = new Set(writes.flatMap(({ servers }) => servers.map(({ uid }) => uid)));
    expect(keys.size).toBe(4);
    for (const key of keys) {
      const states = writes.map(({ servers }) => servers.find(({ uid }) => uid === key)?.state ?? 'gone');
      const order = states.filter((state, index) => state !== states[index - 1]).join(' ');
      expect(['up', 'gone up', 'up drain gone', 'gone up drain gone']).toContain(order);
    }
    expect(sync.metrics().propagationCount).toBeGreaterThan(0);
  });

  it('fills HAProxy again within seconds when it was restarted, and the next syncer has nothing to do', async () => {
    const sync = world.newSync({ gateways: [haproxy.open()] });
    await sync.start();
    await eventuallyServes(2);
    await haproxy.restart();
    expect(await live()).toEqual([]);
    const began = performance.now();
    await eventuallyServes(2);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(sync.state()).toBe('live');
    await sync.stop();

    const { gateway, writes } = recording(haproxy.open());
    const next = world.newSync({ gateways: [gateway] });
    await next.start();
    await vi.waitFor(() => expect(next.state()).toBe('live'), wait);
    await vi.waitFor(() => expect(next.metrics().upstreams[0]?.live).toBe(2), wait);
    expect((await next.plan()).changes).toEqual([]);
    expect(writes).toEqual([]);
  });
});
