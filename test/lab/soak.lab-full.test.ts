// A syncer that works for long: pods come, turn and go all the time, and once a minute its API server is gone for a moment.
// 10 minutes, or as many as YOUZAN_KUBE_LAB_SOAK_MINUTES says: an hour in `npm run test:soak`.
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from '../../src/kube/index.js';
import type { EndpointState } from './by-hand/app.js';
import { startSyncWorld, type SyncWorld } from './by-hand/sync-world.js';
import type { SyncerOrder } from './by-hand/syncer-process.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { Child, script } from './updates/child.js';
import { useLab } from './use-lab.js';

const minutes = Number(process.env['YOUZAN_KUBE_LAB_SOAK_MINUTES'] ?? '10');
const namespace = 'soak';
const most = 20;
const wait = { timeout: 60_000, interval: 100 };
/** Kept figures after this share of the time are compared with those before. */
const warmUp = 1 / 3;

describe(`a syncer that works for ${minutes} minutes`, () => {
  let cluster: LabCluster;
  let admin: KubeClient;
  let world: SyncWorld;
  let syncer: Child;

  beforeAll(async () => {
    ({ soak: cluster } = await useLab({ soak: { idc: 'bc' } }));
    // By a server of its own, which stays.
    admin = clientOf({ ...cluster, kubeconfig: await cluster.secondApiServer() });
    world = await startSyncWorld(cluster, admin, namespace);
    const order: SyncerOrder = {
      cluster: cluster.name,
      idc: cluster.idc,
      kubeconfig: cluster.kubeconfig,
      namespace,
      gateways: [{ name: 'bc-1', url: world.gateway.adminUrl, token: world.gateway.token }],
      renewMs: 2000,
      heapEveryMs: 2000,
    };
    syncer = new Child([...script(new URL('by-hand/syncer-process.ts', import.meta.url)), JSON.stringify(order)]);
    syncer.start();
  });
  afterAll(async () => {
    await syncer.kill();
    await world.end();
    await admin.close();
  });

  it(
    'keeps its heap and its descriptors, and is right in the end',
    async () => {
      const end = Date.now() + minutes * 60_000;
      const descriptors: number[] = [];
      const alive: string[] = [];
      let [turns, faults, nextFault] = [0, 0, Date.now() + 30_000];
      const stateOf = (turn: number): EndpointState => (turn % 2 === 0 ? 'ready' : 'not-ready');
      while (Date.now() < end) {
        turns += 1;
        const ip = `10.5.${Math.floor(turns / 250) % 250}.${1 + (turns % 250)}`;
        await world.app.add(ip);
        alive.push(ip);
        const turning = alive[turns % alive.length]!;
        await world.app.set(turning, stateOf(turns));
        if (alive.length > most) {
          const [oldest = ''] = alive.splice(0, 1);
          await world.app.end(oldest);
          await world.app.remove(oldest);
        }
        descriptors.push(readdirSync(`/proc/${syncer.pid}/fd`).length);
        if (Date.now() >= nextFault) {
          await cluster.killApiServer();
          await cluster.startApiServer();
          nextFault = Date.now() + 60_000;
          faults += 1;
        }
        await delay(50);
      }
      for (const ip of alive) await world.app.set(ip, 'ready');
      const right = alive.map((ip) => `${ip} up`).sort();
      await vi.waitFor(async () => expect(await world.servers()).toEqual(right), wait);

      const heaps = syncer.lines.flatMap((line) => (line.startsWith('heap ') ? [Number(line.slice(5))] : []));
      const least = (all: readonly number[], from: number, to: number): number =>
        Math.min(...all.slice(Math.floor(all.length * from), Math.ceil(all.length * to)));
      const figures = {
        minutes,
        turns,
        faults,
        heapMB: [least(heaps, warmUp, 2 * warmUp), least(heaps, 2 * warmUp, 1)].map(
          (bytes) => Math.round(bytes / 1e5) / 10,
        ),
        descriptors: [least(descriptors, warmUp, 2 * warmUp), least(descriptors, 2 * warmUp, 1)],
      };
      console.log(JSON.stringify(figures));
      const [heapBefore = 0, heapAfter = 0] = figures.heapMB;
      const [descriptorsBefore = 0, descriptorsAfter = 0] = figures.descriptors;
      expect(heaps.length).toBeGreaterThan(10 * minutes);
      expect(heapAfter).toBeLessThan(heapBefore * 1.05);
      expect(descriptorsAfter).toBeLessThanOrEqual(descriptorsBefore + 2);
    },
    minutes * 60_000 + 300_000,
  );
});
