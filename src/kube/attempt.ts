import { backoffMs } from './backoff.js';
import type { KubeError } from './error.js';

/** How one attempt to watch went. */
export interface Attempt {
  /** The server ended it in good order, its resourceVersion is no longer kept, or it failed. */
  readonly end: 'ended' | 'gone' | KubeError;
  /** How long the watch was open and complete. */
  readonly lastedMs: number;
  /** Something was heard beyond a list. */
  readonly progressed: boolean;
}

/** What went wrong in a row. */
export interface Failures {
  readonly failed: number;
  readonly gone: number;
}

export const noFailures: Failures = { failed: 0, gone: 0 };

const quickMs = 1000;

/**
 * How long to wait after an attempt, and what is remembered of it. The first new list after a 410 comes at once; a server
 * that says 410 again and again, ends each stream at once, or fails, is given time. An attempt that worked for a while
 * ends the row.
 */
export function afterAttempt(
  former: Failures,
  { end, lastedMs, progressed }: Attempt,
  rules: { readonly baseMs: number; readonly maxMs: number; readonly random: () => number },
): { readonly failures: Failures; readonly waitMs: number } {
  if (end === 'ended') return { failures: noFailures, waitMs: lastedMs < quickMs ? backoffMs(0, rules) : 0 };
  const { failed, gone } = progressed || lastedMs >= rules.maxMs ? noFailures : former;
  if (end === 'gone') return { failures: { failed, gone: gone + 1 }, waitMs: gone === 0 ? 0 : backoffMs(gone, rules) };
  return {
    failures: { failed: failed + 1, gone },
    waitMs: Math.max(end.retryAfterMs ?? 0, backoffMs(failed, rules)),
  };
}
