import { expect } from 'vitest';
import { simulate } from './simulate.js';

/** Lives the worlds of so many seeds; fails with the rule that was broken, the seed, and how to see it again. */
export async function liveThrough(first: number, count: number): Promise<void> {
  for (let seed = first; seed < first + count; seed += 1) {
    const { violation, writes } = await simulate(seed);
    const again = `npm run test:simulation -- --seed ${seed}`;
    expect(violation, `${violation?.invariant ?? ''}: ${violation?.message ?? ''}\nagain: ${again}`).toBeUndefined();
    expect(writes, `seed ${seed} lived without a write`).toBeGreaterThan(0);
  }
}
