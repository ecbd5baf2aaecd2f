import { letLoose } from './faults.js';
import type { Violation } from './oracle/oracle.js';
import { unsettled } from './oracle/settled.js';
import type { SyncProcess } from './process/process.js';
import { Random } from './random.js';
import { World, type WorldOptions } from './world.js';

/** After the last fault everything has come to rest within this time, and stays so. */
const restMs = 200_000;
const quietMs = 60_000;

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** The last things that happened, when a rule was broken. */
  readonly trace: readonly string[];
  readonly virtualMs: number;
  readonly writes: number;
  readonly processes: readonly SyncProcess[];
}

/** Lives one world through: users, faults, then rest. The same seed always lives the same life. */
export async function simulate(seed: number, options: Partial<WorldOptions> = {}): Promise<Outcome> {
  const random = new Random(seed);
  const world = await World.start(random, { rules: {}, keepsJournal: false, traceLines: 200, ...options });
  const healAt = random.between(30_000, 80_000);
  letLoose(world, random, healAt);
  await world.timeline.run(healAt);
  if (world.violation === undefined) {
    world.heal();
    await world.timeline.run(healAt + restMs + quietMs);
  }
  if (world.violation === undefined) {
    const violation = unsettled(world, healAt + restMs);
    if (violation !== undefined) world.fail(violation);
  }
  return {
    seed,
    violation: world.violation,
    trace: world.violation === undefined ? [] : world.trace.tail(),
    virtualMs: world.now,
    writes: world.oracle.applied,
    processes: world.all,
  };
}
