import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoundRobin } from '../../../src/testing/yz7/round-robin.js';

const items = (weights: readonly number[]) =>
  weights.map((weight, index) => ({ key: String(index), weight, value: index }));

describe('smooth weighted round robin', () => {
  it('gives each its exact weight in a round', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 }), (weights) => {
        const round = new RoundRobin(items(weights));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const counts = weights.map(() => 0);
        for (let turn = 0; turn < sum; turn += 1) counts[round.next()!]! += 1;
        expect(counts).toEqual(weights);
      }),
    );
  });

  it('spreads the heavy among the light', () => {
    const round = new RoundRobin(items([5, 1, 1]));
    expect(Array.from({ length: 7 }, () => round.next())).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it('has none when every weight is 0 or is made so', () => {
    expect(new RoundRobin(items([0, 0])).next()).toBeUndefined();
    expect(new RoundRobin(items([1, 1])).next(() => 0)).toBeUndefined();
  });

  it('goes on where the former one was', () => {
    const former = new RoundRobin(items([1, 1, 1]));
    expect([former.next(), former.next()]).toEqual([0, 1]);
    expect(new RoundRobin(items([1, 1, 1]), former).next()).toBe(2);
  });
});
