import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, ResourceType } from '../../../src/kube/index.js';
import { waitFor } from '../processes/wait.js';
import { useLab } from '../use-lab.js';
import type { GatewayKind } from './gateway-process.js';
import { type Removal, UpdateWorld } from './update-world.js';

const nodeType: ResourceType = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };
interface Node extends KubeObject {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

export const waitForNode = async ({ admin }: UpdateWorld, name: string, isReady: boolean): Promise<void> => {
  const look = async (): Promise<boolean> => {
    const { status } = await admin.get<Node>(nodeType, { name });
    return status.conditions.some(({ type, status: is }) => type === 'Ready' && (is === 'True') === isReady);
  };
  await waitFor(`${name} is ${isReady ? '' : 'not '}ready`, look, { deadlineMs: 90_000, everyMs: 200 });
};

export interface FaultTimes {
  /** Longer than the Lease is good for. */
  readonly stillMs: number;
}

/** Until the syncer has seen nothing of its cluster for long; mended in any case, so that what comes next has a chance. */
async function cutOff(world: UpdateWorld, cut: () => Promise<void>, mend: () => Promise<void>): Promise<void> {
  await cut();
  try {
    await world.untilSyncerIs('frozen');
  } finally {
    await mend();
  }
  await world.untilSyncerIs('live');
}

/** What goes wrong in the middle of an update. Each resolves when it is mended. */
const faults = {
  'the API server is killed and restarted': (world: UpdateWorld) =>
    cutOff(world, world.cluster.killApiServer, world.cluster.startApiServer),
  "the API server's packets are dropped": (world: UpdateWorld) =>
    cutOff(world, world.cluster.dropApiServer, world.cluster.passApiServer),
  'etcd is stopped': (world: UpdateWorld) => cutOff(world, world.cluster.stopEtcd, world.cluster.startEtcd),
  async 'the syncer is killed'(world: UpdateWorld) {
    const { leader } = world;
    await leader.kill();
    leader.start();
    await world.untilSyncerIs('live');
  },
  async 'the syncer stands still'(world: UpdateWorld, { stillMs }: FaultTimes) {
    const { leader } = world;
    leader.signal('SIGSTOP');
    await delay(stillMs);
    leader.signal('SIGCONT');
    await world.untilSyncerIs('live');
    expect(world.leader).not.toBe(leader);
  },
  async 'a gateway is killed'(world: UpdateWorld) {
    const [first] = world.gateways;
    const before = world.load.moved;
    await first?.kill();
    const moved = (): Promise<boolean> => Promise.resolve(world.load.moved >= before + 150);
    try {
      await waitFor('150 requests that the other gateway took', moved, { deadlineMs: 30_000 });
    } finally {
      await first?.start();
    }
  },
  async 'a kubelet is stopped'(world: UpdateWorld) {
    const name = world.cluster.nodes[1]?.name ?? '';
    await world.cluster.stopKubelet(name);
    try {
      await waitForNode(world, name, false);
    } finally {
      await world.cluster.startKubelet(name);
    }
    await waitForNode(world, name, true);
  },
};

/** Why a server may go, as the witness has it: its pod ends; and where a kubelet is silent, what the cluster says of its pods. */
const explained = (fault: keyof typeof faults): readonly string[] =>
  fault === 'a kubelet is stopped' ? ['ending', 'lost', 'not-ready'] : ['ending'];

const verdicts = ['ending', 'lost', 'not-ready', 'silent', 'wrong'];
const tally = (removals: readonly Removal[]): Readonly<Record<string, number>> =>
  Object.fromEntries(verdicts.map((word) => [word, removals.filter(({ verdict }) => verdict === word).length]));

/** A release that a fault has stopped is released again once that is mended. */
const mostTries = 3;

/** So many updates of an app under load for each fault, which comes when the update is under way. */
export function updatesUnderFaults(kind: GatewayKind, times: FaultTimes & { readonly updates: number }): void {
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

    const names = Object.keys(faults) as readonly (keyof typeof faults)[];
    const cases = names.flatMap((name) =>
      Array.from({ length: times.updates }, (_, index) => [name, index + 1] as const),
    );
    it.each(cases)(
      'loses no server that it should keep, fails no request, and ends as it should when %s (%i)',
      async (name) => {
        version += 1;
        const [requests, failed, judged] = [world.load.requests, world.load.failures.length, world.removals.length];
        const started = Date.now();
        const updating = world.update(`${version}.0.0`);
        await Promise.race([world.untilUnderWay(`${version}.0.0`), updating]);
        await faults[name](world, times);
        let problem = await updating;
        let tries = 1;
        for (; problem !== undefined && tries < mostTries; tries += 1) {
          await world.untilControllersAct();
          problem = await world.update(`${version}.0.0`);
        }
        expect(problem).toBeUndefined();
        await world.untilSettled();
        const failures = world.load.failures.slice(failed);
        const removals = world.removals.slice(judged);
        const seconds = Math.round((Date.now() - started) / 1000);
        const counts = { requests: world.load.requests - requests, failed: failures.length };
        figures.push({ fault: name, seconds, tries, ...counts, ...tally(removals) });
        expect(removals.filter(({ verdict }) => !explained(name).includes(verdict))).toEqual([]);
        expect(failures.slice(0, 5)).toEqual([]);
      },
      300_000,
    );
  });
}
