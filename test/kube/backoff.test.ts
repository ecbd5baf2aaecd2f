import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/kube/backoff.js';

describe('backoffMs', () => {
  const ceilings: readonly [number, number][] = [
    [0, 200],
    [1, 400],
    [2, 800],
    [7, 25_600],
    [8, 30_000],
    [1000, 30_000],
  ];
  it.each(ceilings)('at attempt %i waits between half of %i ms and all of it', (attempt, ceiling) => {
    const rules = { baseMs: 200, maxMs: 30_000 };
    expect(backoffMs(attempt, { ...rules, random: () => 0 })).toBe(ceiling / 2);
    expect(backoffMs(attempt, { ...rules, random: () => 1 })).toBe(ceiling);
  });

  it('is never above its maximum nor below half of its base', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, baseMs, random) => {
          const wait = backoffMs(attempt, { baseMs, maxMs: 10_000, random: () => random });
          expect(wait).toBeGreaterThanOrEqual(Math.floor(baseMs / 2));
          expect(wait).toBeLessThanOrEqual(10_000);
        },
      ),
    );
  });
});
