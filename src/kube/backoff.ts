/**
 * Full-jitter exponential backoff: a random wait up to `baseMs * 2^attempt`, at least half of it, never above `maxMs`.
 */
export function backoffMs(
  attempt: number,
  {
    baseMs,
    maxMs,
    random = Math.random,
  }: { readonly baseMs: number; readonly maxMs: number; readonly random?: () => number },
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}
