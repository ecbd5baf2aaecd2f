import { expect, it } from 'vitest';
import type { SyncEvent, SyncState } from '../../src/k8s-sync/core/index.js';
import { initialState, step } from '../../src/k8s-sync/core/index.js';
import { explore } from './explore.js';
import { shipped } from './shipped.js';
import { worlds } from './worlds.js';

interface Taken {
  readonly state: SyncState;
  readonly event: SyncEvent;
  readonly now: number;
}

/** Every step that the core takes in a small world, for a cluster of this name. */
function stepsOf(cluster: string): Taken[] {
  const world = worlds.find(({ name }) => name === 'one-pod-flaps');
  const taken: Taken[] = [];
  if (world === undefined) return taken;
  explore(world, {
    ...shipped,
    initialState: (config) => initialState({ ...config, cluster, source: `k8s.bc.${cluster}` }),
    step: (state, event, now) => {
      taken.push({ state, event, now });
      return step(state, event, now);
    },
  });
  return taken;
}

// So the model may explore one cluster alone.
it('takes a step of one cluster without changing what another cluster’s steps lead to', () => {
  const [own, other] = [stepsOf('bc-a'), stepsOf('bc-b')];
  expect(own.length).toBeGreaterThan(500);
  expect(other).toHaveLength(own.length);
  for (const [index, { state, event, now }] of own.entries()) {
    const alone = step(state, event, now);
    const before = JSON.stringify(other[index]);
    const beside = other[index]!;
    const their = step(beside.state, beside.event, beside.now);
    expect(JSON.stringify(other[index])).toBe(before);
    expect(step(state, event, now)).toEqual(alone);
    // The same history in another cluster: nothing but its name differs, and no effect names a cluster.
    expect(their.effects).toEqual(alone.effects);
    expect(their.state.config.cluster).toBe('bc-b');
  }
});
