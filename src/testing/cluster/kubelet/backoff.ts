const longestMs = 300_000;
const resetAfterMs = 600_000;

/** How long to wait before a container that keeps ending is started again. */
export interface RestartBackoff {
  /** Milliseconds, from how long the container ran: none the first time, then the base, doubling up to five minutes. */
  next(ranMs: number): number;
}

export function createRestartBackoff(baseMs: number): RestartBackoff {
  let restarts = 0;
  return {
    next(ranMs) {
      if (ranMs >= resetAfterMs) restarts = 0;
      const wait = restarts === 0 ? 0 : Math.min(baseMs * 2 ** (restarts - 1), longestMs);
      restarts += 1;
      return wait;
    },
  };
}
