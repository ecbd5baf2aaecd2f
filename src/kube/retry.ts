import { backoffMs } from './backoff.js';
import type { Clock } from './clock.js';
import { isKubeError, type KubeError } from './error.js';
import type { CallRequest } from './request.js';

const backoffRules = { baseMs: 100, maxMs: 5000 };

/** What is done again, and until when. */
export interface RetryRules {
  readonly method: CallRequest['method'];
  /** Tries after the first. */
  readonly retries: number;
  /** For all tries and the waits between them. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Makes a call, again while that can help and its deadline allows: reads after 429, 5xx and broken connections, writes
 * after a 429 only. `Retry-After` is kept to. Throws what the last try threw.
 *
 * @param call Gets what is left of the deadline, in milliseconds.
 */
export async function retried<T>(
  call: (timeoutMs: number) => Promise<T>,
  { method, retries, timeoutMs, clock, random }: RetryRules,
  signal: AbortSignal,
): Promise<T> {
  const end = clock.now() + timeoutMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call(Math.max(1, Math.ceil(end - clock.now())));
    } catch (error) {
      if (attempt >= retries || !mayRetry(method, error)) throw error;
      const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, { ...backoffRules, random }));
      if (clock.now() + waitMs >= end) throw error;
      await clock.wait(waitMs, signal);
    }
  }
}

function mayRetry(method: CallRequest['method'], error: unknown): error is KubeError {
  if (isKubeError(error, 'KUBE_TOO_MANY_REQUESTS')) return true;
  return method === 'GET' && (isKubeError(error, 'KUBE_SERVER_ERROR') || isKubeError(error, 'KUBE_UNREACHABLE'));
}
