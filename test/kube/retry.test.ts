import { describe, expect, it } from 'vitest';
import { KubeError, type KubeErrorCode } from '../../src/kube/index.js';
import { type RetryRules, retried } from '../../src/kube/retry.js';
import { FakeClock } from './fake-clock.js';

const never = new AbortController().signal;
const error = (code: KubeErrorCode, retryAfterMs?: number): KubeError =>
  new KubeError(code, code, retryAfterMs === undefined ? {} : { retryAfterMs });

/** A call that fails so often, then succeeds; and what became of it in fake time. */
async function play(
  failures: readonly Error[],
  rules: Partial<RetryRules> = {},
  signal: AbortSignal = never,
): Promise<{ readonly result: unknown; readonly tries: number; readonly left: number[]; readonly waits: number[] }> {
  const clock = new FakeClock();
  const left: number[] = [];
  let result: unknown = 'pending';
  const call = (timeoutMs: number): Promise<string> => {
    const failure = failures[left.length];
    left.push(timeoutMs);
    return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
  };
  const all = { method: 'GET', retries: 3, timeoutMs: 15_000, clock, random: () => 1, ...rules } as const;
  void retried(call, all, signal).then(
    (answer) => (result = answer),
    (reason: unknown) => (result = reason),
  );
  await clock.advance(60_000);
  return { result, tries: left.length, left, waits: clock.asked };
}

describe('a call', () => {
  it('is made once when it succeeds', async () => {
    expect(await play([])).toEqual({ result: 'done', tries: 1, left: [15_000], waits: [] });
  });

  const codes: readonly [KubeErrorCode, boolean, boolean][] = [
    ['KUBE_TOO_MANY_REQUESTS', true, true],
    ['KUBE_SERVER_ERROR', true, false],
    ['KUBE_UNREACHABLE', true, false],
    ['KUBE_TIMEOUT', false, false],
    ['KUBE_ABORTED', false, false],
    ['KUBE_NOT_FOUND', false, false],
    ['KUBE_CONFLICT', false, false],
    ['KUBE_GONE', false, false],
    ['KUBE_UNAUTHORIZED', false, false],
    ['KUBE_CREDENTIALS', false, false],
    ['KUBE_BAD_ANSWER', false, false],
  ];
  it.each(codes)('after %s is made again: as a read %s, as a write %s', async (code, read, write) => {
    const failure = error(code);
    for (const [method, again] of [
      ['GET', read],
      ['POST', write],
      ['PUT', write],
      ['PATCH', write],
      ['DELETE', write],
    ] as const) {
      const { result, tries } = await play([failure], { method });
      expect([method, tries, result]).toEqual(again ? [method, 2, 'done'] : [method, 1, failure]);
    }
  });

  it('is not made again after an error of another kind', async () => {
    expect(await play([new TypeError('a bug')])).toMatchObject({ tries: 1, result: new TypeError('a bug') });
  });

  it('waits longer from try to try, and gives up after its retries with the last error', async () => {
    const failures = [1, 2, 3, 4].map((n) => new KubeError('KUBE_SERVER_ERROR', `error ${n}`));
    const { result, waits, left } = await play(failures);
    expect(waits).toEqual([100, 200, 400]);
    expect(left).toEqual([15_000, 14_900, 14_700, 14_300]);
    expect(result).toBe(failures[3]);
  });

  it('waits as long as Retry-After says, when that is longer', async () => {
    expect((await play([error('KUBE_TOO_MANY_REQUESTS', 2000)], { method: 'PUT' })).waits).toEqual([2000]);
    expect((await play([error('KUBE_TOO_MANY_REQUESTS', 0)])).waits).toEqual([100]);
  });

  it('does not wait beyond its deadline: it fails at once with what it knows', async () => {
    const failure = error('KUBE_TOO_MANY_REQUESTS', 20_000);
    expect(await play([failure])).toMatchObject({ result: failure, waits: [], tries: 1 });
  });

  it('ends its wait when it is aborted, and lets the next try say so', async () => {
    const stop = new AbortController();
    const aborted = error('KUBE_ABORTED');
    const played = play([error('KUBE_SERVER_ERROR', 5000), aborted], {}, stop.signal);
    stop.abort();
    expect(await played).toMatchObject({ result: aborted, tries: 2 });
  });
});
