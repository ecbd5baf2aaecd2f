import type { Random } from './random.js';
import type { World } from './world.js';

type Fault = (world: World, random: Random, forMs: number) => void;

/** Everything that may happen, with how often. Each lasts no longer than it is told to. */
const faults = {
  'api-hangs': [
    3,
    (world, random, forMs) => {
      const [processes, areDead] = [world.processes(random.chance(0.5)), random.chance(0.2)];
      for (const { api } of processes) api.hang();
      world.after(forMs, () => {
        for (const { api } of processes) api.heal(areDead);
      });
    },
  ],
  'api-resets': [
    2,
    (world, random, forMs) => {
      const processes = world.processes(random.chance(0.5));
      for (const { api } of processes) api.reset();
      world.after(forMs, () => {
        for (const { api } of processes) api.heal();
      });
    },
  ],
  'watch-breaks': [
    4,
    (world, random) => {
      if (random.chance(0.4)) world.cluster().api.compact();
      for (const { api } of world.processes(random.chance(0.5))) {
        if (random.chance(0.3)) api.staleBy = random.between(1, 6);
        api.cutStreams();
      }
    },
  ],
  'etcd-restored': [
    1,
    (world, random) => {
      const cluster = world.cluster();
      cluster.takeBackup();
      world.after(random.between(3000, 15_000), () => cluster.restore());
    },
  ],
  'process-pauses': [
    3,
    (world, random, forMs) => {
      const [process] = world.processes(false);
      const stoodStill = random.chance(0.3);
      process?.pause();
      world.after(forMs, () => process?.resume(stoodStill));
    },
  ],
  'process-dies': [
    1,
    (world, random) => {
      const [process] = world.processes(false);
      if (process === undefined) return;
      process.crash();
      world.after(random.between(500, 10_000), () => world.startProcess(process.api.api));
    },
  ],
  'process-hands-over': [
    1,
    (world, random) => {
      const [process] = world.processes(false);
      if (process === undefined) return;
      void process.handOver();
      world.after(random.between(0, 3000), () => world.startProcess(process.api.api));
    },
  ],
  'clock-jumps': [
    1,
    (world, random) => {
      for (const process of world.processes(false)) process.jump(random.between(500, 30_000));
    },
  ],
  'gateway-misbehaves': [
    6,
    (world, random, forMs) => {
      const instance = world.instance();
      instance.mode = random.weighted({
        slow: 1,
        'refuse-503': 1,
        'refuse-429': 1,
        'refuse-500': 1,
        'lose-request': 1,
        'lose-answer': 2,
        late: 2,
        reset: 2,
        nonsense: 1,
      });
      instance.share = random.chance(0.5) ? 1 : 0.5;
      world.after(forMs, () => instance.heal());
    },
  ],
  'gateway-restarts': [
    2,
    (world, random) => {
      void world.instance().restart(random.between(100, 6000), random.chance(0.5));
    },
  ],
  'worker-lags': [2, (world, random) => world.instance().slowWorker(random.between(500, 20_000))],
  'nodes-not-ready': [2, (world, _random, forMs) => world.cluster().loseNodes(forMs)],
  'workload-not-ready': [1, (world) => world.cluster().flapTogether()],
  'pod-deleted-by-force': [2, (world) => world.cluster().forceDelete()],
  'pod-fails': [1, (world) => world.cluster().fail()],
  'endpoints-move': [4, (world) => world.cluster().repack()],
  'operator-freezes': [
    1,
    (world, _random, forMs) => {
      const [process] = world.processes(false);
      process?.tell({ type: 'freeze' });
      world.after(forMs, () => process?.tell({ type: 'unfreeze' }));
    },
  ],
  'operator-resyncs': [
    1,
    (world) => {
      for (const process of world.processes(false)) process.tell({ type: 'resync' });
    },
  ],
  'operator-overrides': [
    1,
    (world, random) => {
      const upstream = random.pick(['trade.http', 'goods.http', 'goods.rpc', 'cart.http']) ?? '';
      for (const process of world.processes(true)) {
        process.tell({ type: 'override', upstream, reason: 'a test', actor: 'operator' });
      }
    },
  ],
} satisfies Record<string, readonly [number, Fault]>;

/** What users do all the time. */
const uses = {
  scale: [4, (world) => world.cluster().scale()],
  'roll-out': [4, (world) => world.cluster().rollOut()],
  flap: [3, (world) => world.cluster().flap()],
  'remove-or-bring-back': [1, (world) => world.cluster().removeOrBringBack()],
} satisfies Record<string, readonly [number, Fault]>;

/** Lets users and faults loose until a time; faults are undone by then. */
export function letLoose(world: World, random: Random, until: number): void {
  const every = (leastMs: number, mostMs: number, kinds: Record<string, readonly [number, Fault]>): void => {
    const next = world.now + random.between(leastMs, mostMs);
    if (next >= until) return;
    world.after(next - world.now, () => {
      const weights = Object.fromEntries(Object.entries(kinds).map(([name, [weight]]) => [name, weight]));
      const name = random.weighted(weights);
      const longest = random.chance(0.3) ? 40_000 : 8000;
      const forMs = Math.min(random.between(200, longest), until - world.now);
      world.trace.add('world', `${name} (${forMs} ms)`);
      kinds[name]?.[1](world, random, forMs);
      every(leastMs, mostMs, kinds);
    });
  };
  every(200, 6000, uses);
  every(500, random.between(2000, 15_000), faults);
}
