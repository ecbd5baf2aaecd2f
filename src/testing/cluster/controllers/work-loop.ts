/** A queue of keys that are reconciled one after the other, each at most once a turn of the event loop. */
export interface WorkLoop {
  add(key: string): void;
  stop(): void;
}

export interface WorkLoopOptions {
  /** Brings one key to its wanted state; answers the milliseconds after which to look again, if time alone matters. */
  reconcile(key: string): number | undefined;
  onError(key: string, error: unknown): void;
}

const firstRetryMs = 20;
const lastRetryMs = 5_000;
const longestTimerMs = 2 ** 31 - 1;

/** Level-triggered: several calls of `add` for one key become one reconcile; one that throws is tried again later. */
export function createWorkLoop(options: WorkLoopOptions): WorkLoop {
  const waiting = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  const failures = new Map<string, number>();
  let turn: NodeJS.Immediate | undefined;
  let stopped = false;

  const later = (key: string, milliseconds: number): void => {
    clearTimeout(timers.get(key));
    const again = (): void => {
      timers.delete(key);
      add(key);
    };
    timers.set(key, setTimeout(again, Math.min(Math.max(milliseconds, 1), longestTimerMs)));
  };

  const work = (key: string): void => {
    try {
      const lookAgainMs = options.reconcile(key);
      failures.delete(key);
      if (lookAgainMs !== undefined) later(key, lookAgainMs);
    } catch (error) {
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      later(key, Math.min(firstRetryMs * 2 ** failed, lastRetryMs));
      options.onError(key, error);
    }
  };

  const drain = (): void => {
    turn = undefined;
    const keys = [...waiting];
    waiting.clear();
    for (const key of keys) if (!stopped) work(key);
  };

  function add(key: string): void {
    if (stopped) return;
    waiting.add(key);
    turn ??= setImmediate(drain);
  }

  return {
    add,
    stop() {
      stopped = true;
      clearImmediate(turn);
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
