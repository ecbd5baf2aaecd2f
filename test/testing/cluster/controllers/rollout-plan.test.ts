import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  planScaling,
  resolveBounds,
  type RolloutView,
  type SetView,
} from '../../../../src/testing/cluster/controllers/rollout-plan.js';

const set = (name: string, replicas: number, available = replicas, desired?: number): SetView => ({
  name,
  replicas,
  available,
  desired,
  maximum: undefined,
});
const view = (parts: Partial<RolloutView>): RolloutView => ({
  replicas: 3,
  maxSurge: 1,
  maxUnavailable: 0,
  paused: false,
  current: undefined,
  old: [],
  ...parts,
});

describe('resolveBounds', () => {
  it.each([
    [{}, 4, 1, 1],
    [{ maxSurge: '25%', maxUnavailable: '25%' }, 3, 1, 0],
    [{ maxSurge: '50%', maxUnavailable: '50%' }, 5, 3, 2],
    [{ maxSurge: 0, maxUnavailable: 0 }, 5, 0, 1],
    [{ maxSurge: 0, maxUnavailable: '10%' }, 5, 0, 1],
    [{ maxSurge: 1, maxUnavailable: 9 }, 2, 1, 2],
  ])('%j of %i replicas is a surge of %i and %i unavailable', (rolling, replicas, maxSurge, maxUnavailable) => {
    expect(resolveBounds(rolling, replicas)).toEqual({ maxSurge, maxUnavailable });
  });
});

describe('planScaling', () => {
  it('brings up one of the new before it takes one of the old away', () => {
    expect(planScaling(view({ current: set('new', 0), old: [set('old', 3)] }))).toEqual(new Map([['new', 1]]));
  });

  it('waits for the new one to get available', () => {
    expect(planScaling(view({ current: set('new', 1, 0), old: [set('old', 3)] }))).toEqual(new Map([['old', 3]]));
  });

  it('takes an old one away for each new one that is available', () => {
    expect(planScaling(view({ current: set('new', 1, 1), old: [set('old', 3)] }))).toEqual(new Map([['old', 2]]));
  });

  it('takes old pods away first that are not available', () => {
    const old = [set('older', 2, 2), set('broken', 1, 0)];
    const targets = planScaling(view({ current: set('new', 1, 1), old }));
    expect(targets).toEqual(
      new Map([
        ['older', 2],
        ['broken', 0],
      ]),
    );
  });

  it('keeps both sets as they are while it is paused', () => {
    const targets = planScaling(view({ paused: true, current: set('new', 1, 1, 3), old: [set('old', 3, 3, 3)] }));
    expect(targets).toEqual(
      new Map([
        ['new', 1],
        ['old', 3],
      ]),
    );
  });

  it('scales also while it is paused', () => {
    expect(planScaling(view({ paused: true, replicas: 5, old: [set('old', 3, 3, 3)] }))).toEqual(new Map([['old', 5]]));
  });

  it('shares a change of replicas in the middle of a rollout', () => {
    const targets = planScaling(view({ replicas: 8, current: set('new', 2, 2, 4), old: [set('old', 3, 3, 4)] }));
    expect([...targets.values()].reduce((sum, count) => sum + count)).toBe(9);
    expect(targets.get('new')).toBeGreaterThan(2);
    expect(targets.get('old')).toBeGreaterThan(3);
  });

  it('always arrives, never above the surge and never below the minimum', () => {
    const worlds = fc.record({
      replicas: fc.integer({ min: 0, max: 12 }),
      surge: fc.integer({ min: 0, max: 5 }),
      unavailable: fc.integer({ min: 0, max: 5 }),
      slow: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(worlds, ({ replicas, surge, unavailable, slow }) => {
        const bounds = resolveBounds({ maxSurge: surge, maxUnavailable: unavailable }, replicas);
        let current = set('new', 0);
        let old = set('old', replicas);
        for (let step = 0; step < 400; step += 1) {
          const targets = planScaling(view({ replicas, ...bounds, current, old: [old] }));
          const resize = (former: SetView): SetView => {
            const count = targets.get(former.name) ?? former.replicas;
            return { ...former, replicas: count, available: Math.min(former.available, count) };
          };
          current = resize(current);
          old = resize(old);
          expect(current.replicas + old.replicas).toBeLessThanOrEqual(replicas + bounds.maxSurge);
          expect(current.available + old.available).toBeGreaterThanOrEqual(replicas - bounds.maxUnavailable);
          if (current.available < current.replicas && slow[step % slow.length] === false) {
            current = { ...current, available: current.available + 1 };
          }
          if (slow.every(Boolean)) current = { ...current, available: current.replicas };
        }
        expect([current.replicas, old.replicas]).toEqual([replicas, 0]);
      }),
    );
  });
});
