// Every kubelet of a cluster stops, for longer than pods are left on a node that does not answer, and the pods serve on.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForNode } from './updates/suite.js';
import { UpdateWorld } from './updates/update-world.js';
import { useLab } from './use-lab.js';

/** Pods are evicted from such a node after 300 s. */
const silentMs = 360_000;

describe('a cluster whose kubelets all stop for 6 minutes', () => {
  let world: UpdateWorld;

  beforeAll(async () => {
    const { updates: cluster } = await useLab({ updates: { idc: 'bc', nodes: 2 } });
    world = await UpdateWorld.start(cluster, 'nginx');
  }, 300_000);
  afterAll(() => world.end());

  it('keeps what serves, fails no request, and is as before afterwards', async () => {
    const { cluster, load } = world;
    const names = cluster.nodes.map(({ name }) => name);
    await Promise.all(names.map((name) => cluster.stopKubelet(name)));
    await Promise.all(names.map((name) => waitForNode(world, name, false)));
    await delay(silentMs);
    const removals = [...world.removals];
    const { requests, failures } = load;
    console.log(JSON.stringify({ requests, failed: failures.length, removals }));
    expect(failures).toEqual([]);
    expect(removals).toEqual([]);
    await Promise.all(names.map((name) => cluster.startKubelet(name)));
    await Promise.all(names.map((name) => waitForNode(world, name, true)));
    await world.untilSettled();
    expect(await world.update('2.0.0')).toBeUndefined();
    await world.untilSettled();
    expect(load.failures).toEqual([]);
    const unexplained = world.removals.filter(({ verdict }) => !['ending', 'lost', 'not-ready'].includes(verdict));
    expect(unexplained).toEqual([]);
  }, 900_000);
});
