import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, ResourceType } from '../../../src/kube/index.js';
import { waitFor } from '../processes/wait.js';
import { useLab } from '../use-lab.js';
import type { GatewayKind } from './gateway-process.js';
import { UpdateWorld } from './update-world.js';

const nodeType: ResourceType = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };
interface Node extends KubeObject {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

const waitForNode = async ({ admin }: UpdateWorld, name: string, isReady: boolean): Promise<void> => {
  const look = async (): Promise<boolean> => {
    const { status } = await admin.get<Node>(nodeType, { name });
    return status.conditions.some(({ type, status: is }) => type === 'Ready' && (is === 'True') === isReady);
  };
  await waitFor(`${name} is ${isReady ? '' : 'not '}ready`, look, { deadlineMs: 90_000, everyMs: 200 });
};

/** What goes wrong in the middle of an update. Each resolves when it is mended. */
const faults = {
  async 'the API server is killed and restarted'(world: UpdateWorld) {
    await world.cluster.killApiServer();
    await world.untilSyncerIs('frozen');
    await world.cluster.startApiServer();
    await world.untilSyncerIs('live');
  },
  async "the API server's packets are dropped"(world: UpdateWorld) {
    await world.cluster.dropApiServer();
    await world.untilSyncerIs('frozen');
    await world.cluster.passApiServer();
    await world.untilSyncerIs('live');
  },
  async 'etcd is stopped'(world: UpdateWorld) {
    await world.cluster.stopEtcd();
    await world.untilSyncerIs('frozen');
    await world.cluster.startEtcd();
    await world.untilSyncerIs('live');
  },
  async 'the syncer is killed'(world: UpdateWorld) {
    await world.syncer.kill();
    world.syncer.start();
    await world.untilSyncerIs('live');
  },
  async 'the syncer stands still for 15 s'(world: UpdateWorld) {
    world.syncer.signal('SIGSTOP');
    await delay(15_000);
    world.syncer.signal('SIGCONT');
    await world.untilSyncerIs('live');
  },
  async 'a gateway is killed'(world: UpdateWorld) {
    const [first] = world.gateways;
    const before = world.load.moved;
    await first?.kill();
    const moved = (): Promise<boolean> => Promise.resolve(world.load.moved >= before + 150);
    await waitFor('150 requests that the other gateway took', moved, { deadlineMs: 30_000 });
    await first?.start();
  },
  async 'a kubelet is stopped'(world: UpdateWorld) {
    const name = world.cluster.nodes[1]?.name ?? '';
    await world.cluster.stopKubelet(name);
    await waitForNode(world, name, false);
    await world.cluster.startKubelet(name);
    await waitForNode(world, name, true);
  },
};

/** A release that a fault has stopped is released again once that is mended. */
const mostTries = 3;

export type UpdateFault = keyof typeof faults;
export const updateFaults = Object.keys(faults) as readonly UpdateFault[];

/** So many updates of an app under load for each fault, which comes when the update is under way. */
export function updatesUnderFaults(kind: GatewayKind, names: readonly UpdateFault[], times: number): void {
  describe(`an update of an app under load, ${kind} gateways`, () => {
    const figures: Record<string, number | string>[] = [];
    let world: UpdateWorld;
    let version = 1;

    beforeAll(async () => {
      const { updates: cluster } = await useLab({ updates: { idc: 'bc', nodes: 2 } });
      world = await UpdateWorld.start(cluster, kind);
    }, 300_000);
    afterAll(async () => {
      console.table(figures);
      await world.end();
    });

    const cases = names.flatMap((name) => Array.from({ length: times }, (_, index) => [name, index + 1] as const));
    it.each(cases)(
      'loses no server that it should keep, fails no request, and ends as it should when %s (%i)',
      async (name) => {
        version += 1;
        const [requests, failed, started] = [world.load.requests, world.load.failures.length, Date.now()];
        const updating = world.update(`${version}.0.0`);
        await Promise.race([world.untilUnderWay(`${version}.0.0`), updating]);
        await faults[name](world);
        let problem = await updating;
        let tries = 1;
        for (; problem !== undefined && tries < mostTries; tries += 1) {
          await world.untilControllersAct();
          problem = await world.update(`${version}.0.0`);
        }
        expect(problem).toBeUndefined();
        await world.untilSettled();
        const failures = world.load.failures.slice(failed);
        const wrong = world.removals.all.filter(({ isWrong }) => isWrong);
        const seconds = Math.round((Date.now() - started) / 1000);
        const counts = { requests: world.load.requests - requests, failed: failures.length };
        figures.push({
          fault: name,
          seconds,
          tries,
          ...counts,
          removals: world.removals.all.length,
          wrong: wrong.length,
        });
        expect(wrong).toEqual([]);
        expect(failures.slice(0, 5)).toEqual([]);
      },
      300_000,
    );
  });
}
