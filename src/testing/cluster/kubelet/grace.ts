/** The end of a pod's grace, which may be brought forward while it runs. */
export interface Grace {
  /** Aborts once the grace has begun. */
  readonly begun: AbortSignal;
  /** Aborts once it is over. */
  readonly over: AbortSignal;
  /** Begins the grace, or shortens it; it never gets longer. */
  begin(milliseconds: number): void;
  /** Ends the timer. */
  dispose(): void;
}

const killed = 'the pod was killed';

/** A grace that ended because none was given, not because it had passed. */
export function isKilled(over: AbortSignal): boolean {
  return over.aborted && over.reason === killed;
}

export function createGrace(): Grace {
  const begun = new AbortController();
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let endsAt = Infinity;
  return {
    begun: begun.signal,
    over: over.signal,
    begin(milliseconds) {
      const at = Date.now() + milliseconds;
      if (at < endsAt) {
        endsAt = at;
        clearTimeout(timer);
        if (milliseconds <= 0) over.abort(killed);
        else timer = setTimeout(() => over.abort('the grace was over'), milliseconds);
      }
      begun.abort('the pod was deleted');
    },
    dispose: () => clearTimeout(timer),
  };
}

/** Asks again at each call, where the compiler would take an earlier answer for granted. */
export function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Resolves when the signal aborts, at once when it already has; `undefined` as its value. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
