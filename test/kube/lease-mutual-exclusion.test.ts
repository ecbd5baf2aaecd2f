import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLeaseElector, KubeError } from '../../src/kube/index.js';
import { FakeClock } from './fake-clock.js';
import { good, LeaseApi, type Trip, unreachable } from './lease-api.js';

const names = ['a', 'b', 'c'] as const;
const annotation = 'youzan-kube.youzan.com/epoch';

const trips: fc.Arbitrary<Trip> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(good) },
  {
    weight: 2,
    arbitrary: fc.record({ there: fc.integer({ min: 0, max: 2500 }), back: fc.integer({ min: 0, max: 2500 }) }),
  },
  { weight: 2, arbitrary: fc.record({ there: fc.integer({ min: 0, max: 4000 }), back: fc.constant('lost' as const) }) },
  { weight: 1, arbitrary: fc.constant(unreachable) },
  { weight: 1, arbitrary: fc.constant({ ...good, error: new KubeError('KUBE_SERVER_ERROR', '500') }) },
);

/** What the network of each candidate is like, and for how long. */
const weather = fc.array(
  fc.record({ lastsMs: fc.integer({ min: 100, max: 12_000 }), trips: fc.tuple(trips, trips, trips) }),
  { minLength: 1, maxLength: 15 },
);

interface Outcome {
  /** Who led at the same time as another, and when. */
  readonly together: readonly string[];
  readonly epochs: readonly number[];
  readonly leaders: readonly string[];
  readonly epochInLease: number;
}

async function play(
  phases: readonly { readonly lastsMs: number; readonly trips: readonly Trip[] }[],
): Promise<Outcome> {
  const clock = new FakeClock();
  const api = new LeaseApi(clock);
  const network = new Map<string, Trip>();
  const leading = new Set<string>();
  const together: string[] = [];
  const epochs: number[] = [];
  const electors = names.map((identity) =>
    createLeaseElector({
      client: api.client(identity, () => network.get(identity) ?? good),
      namespace: 'default',
      name: 'k8s-sync',
      identity,
      clock,
      onStartedLeading: (epoch) => {
        leading.add(identity);
        epochs.push(epoch);
        if (leading.size > 1) together.push(`${[...leading].join(' and ')} at ${clock.now()} ms`);
      },
      onStoppedLeading: () => void leading.delete(identity),
    }),
  );
  for (const [index, elector] of electors.entries()) {
    elector.start();
    await clock.advance(index * 300);
  }
  for (const phase of phases) {
    for (const [index, name] of names.entries()) network.set(name, phase.trips[index] ?? good);
    await clock.advance(phase.lastsMs);
  }
  network.clear();
  // What is on its way arrives, a stale Lease is taken, and all is quiet.
  await clock.advance(30_000);
  const leaders = [...leading];
  const epochInLease = Number(api.lease?.metadata.annotations?.[annotation]);
  const stopped = Promise.all(electors.map((elector) => elector.stop()));
  await clock.advance(5000);
  await stopped;
  return { together, epochs, leaders, epochInLease };
}

describe('three electors on one Lease, whatever the network does', () => {
  it('never lead together, never under one epoch twice, and one of them leads in the end', async () => {
    await fc.assert(
      fc.asyncProperty(weather, async (phases) => {
        const { together, epochs, leaders, epochInLease } = await play(phases);
        expect(together).toEqual([]);
        expect(epochs).toEqual([...new Set(epochs)].sort((one, other) => one - other));
        expect(leaders).toHaveLength(1);
        expect(epochInLease).toBe(epochs.at(-1));
      }),
      { numRuns: 60 },
    );
  });
});
