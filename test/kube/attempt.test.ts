import { describe, expect, it } from 'vitest';
import { afterAttempt, type Attempt, type Failures, noFailures } from '../../src/kube/attempt.js';
import { KubeError } from '../../src/kube/index.js';

const rules = { baseMs: 200, maxMs: 30_000, random: () => 1 };
const failed = (retryAfterMs?: number): KubeError =>
  new KubeError('KUBE_SERVER_ERROR', 'it failed', retryAfterMs === undefined ? {} : { retryAfterMs });
const attempt = (end: Attempt['end'], more: Partial<Attempt> = {}): Attempt => ({
  end,
  lastedMs: 100,
  progressed: false,
  ...more,
});

/** The waits after a row of attempts. */
function waits(attempts: readonly Attempt[]): number[] {
  let failures: Failures = noFailures;
  return attempts.map((one) => {
    const next = afterAttempt(failures, one, rules);
    failures = next.failures;
    return next.waitMs;
  });
}

describe('after an attempt', () => {
  const rows: readonly [string, readonly Attempt[], readonly number[]][] = [
    ['that ended in good order, goes on at once', [attempt('ended', { lastedMs: 300_000 })], [0]],
    ['that ended as soon as it began, pauses', [attempt('ended'), attempt('ended')], [200, 200]],
    ['that found its version gone, lists at once', [attempt('gone')], [0]],
    ['that found it gone again, waits ever longer', [1, 2, 3].map(() => attempt('gone')), [0, 400, 800]],
    [
      'that worked before its version was gone, lists at once again',
      [attempt('gone'), attempt('gone', { progressed: true }), attempt('gone', { progressed: true })],
      [0, 0, 0],
    ],
    ['that failed, waits ever longer', [1, 2, 3, 4].map(() => attempt(failed())), [200, 400, 800, 1600]],
    [
      'that failed very often, waits 30 s',
      Array.from({ length: 12 }, () => attempt(failed())).slice(),
      [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000, 30_000],
    ],
    [
      'that failed after it had worked, begins from the start',
      [attempt(failed()), attempt(failed()), attempt(failed(), { progressed: true }), attempt(failed())],
      [200, 400, 200, 400],
    ],
    [
      'that failed after a long quiet time, begins from the start',
      [attempt(failed()), attempt(failed()), attempt(failed(), { lastedMs: 30_000 })],
      [200, 400, 200],
    ],
    [
      'that ended in good order, forgets what failed before',
      [attempt(failed()), attempt('ended', { lastedMs: 300_000 }), attempt(failed())],
      [200, 0, 200],
    ],
    ['that was told to wait, waits so long', [attempt(failed(7000)), attempt(failed(1))], [7000, 400]],
    [
      'that found its version gone between failures, remembers them',
      [attempt(failed()), attempt('gone'), attempt(failed())],
      [200, 0, 400],
    ],
  ];
  it.each(rows)('%s', (_, attempts, expected) => {
    expect(waits(attempts)).toEqual(expected);
  });

  it('waits at random between half and all of it', () => {
    const least = afterAttempt(noFailures, attempt(failed()), { ...rules, random: () => 0 });
    expect(least.waitMs).toBe(100);
  });
});
