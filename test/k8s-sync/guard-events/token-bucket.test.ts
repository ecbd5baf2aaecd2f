import { expect, it } from 'vitest';
import { fullBucket, takeToken } from '../../../src/k8s-sync/guard-events/token-bucket.js';

const rules = { size: 3, everyMs: 1000 };

/** How long each that is taken at these times waits. */
function waits(...times: readonly number[]): number[] {
  let bucket = fullBucket(rules, 0);
  return times.map((now) => {
    const taken = takeToken(bucket, rules, now);
    bucket = taken.bucket;
    return taken.waitMs;
  });
}

it.each<[string, number[], number[]]>([
  ['gives as many as it holds at once', [0, 0, 0], [0, 0, 0]],
  ['lets those beyond wait in a row', [0, 0, 0, 0, 0], [0, 0, 0, 1000, 2000]],
  ['takes off the wait what has passed', [0, 0, 0, 400], [0, 0, 0, 600]],
  ['gives one again after its time', [0, 0, 0, 1000, 1000], [0, 0, 0, 0, 1000]],
  ['holds no more than its size, however long nobody asks', [90_000, 90_000, 90_000, 90_000], [0, 0, 0, 1000]],
])('%s', (_, times, waited) => {
  expect(waits(...times)).toEqual(waited);
});
