import { expect, it } from 'vitest';
import { simulate } from './simulate.js';
import { liveThrough } from './seeds.js';

it('keeps every rule of k8s-sync in the worlds of seeds 1 to 100', { timeout: 120_000 }, () => liveThrough(1, 100));

it('lives the same life again for the same seed', async () => {
  const [first, again] = [await simulate(7), await simulate(7)];
  expect([again.writes, again.virtualMs]).toEqual([first.writes, first.virtualMs]);
});

// A rule that is off is found: so the oracle is no ornament.
it.each(['drain', 'evidence', 'claim'] as const)(
  'finds within 30 seeds that the rule "%s" is off',
  { timeout: 60_000 },
  async (rule) => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const { violation } = await simulate(seed, { rules: { [rule]: false } });
      if (violation !== undefined) return;
    }
    expect.fail(`30 seeds lived through with ${rule} off`);
  },
);
