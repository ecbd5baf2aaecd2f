/** Turns for the first lists of syncers that start together in one process. */
export interface InitialLists {
  /** Resolves when it is this one's turn; the answer, called once the list is there, ends the turn. */
  take(signal: AbortSignal): Promise<() => void>;
}

export interface InitialListsOptions {
  /** Default 2. */
  readonly atOnce?: number;
  /** A list that takes longer goes on, and the next one begins: a cluster that hangs holds up no other. Default 10,000 ms. */
  readonly deadlineMs?: number;
}

/**
 * Lets some syncers of one process list their clusters at the start one after the other, so that memory and processor at the
 * start don't grow with the number of clusters.
 *
 * @throws RangeError for less than one at once.
 *
 * @example
 * const initialLists = createInitialLists({ atOnce: 2 });
 * const syncs = clusters.map((cluster) => createK8sSync({ cluster, idc: 'bc', gateways, initialLists }));
 */
export function createInitialLists({ atOnce = 2, deadlineMs = 10_000 }: InitialListsOptions = {}): InitialLists {
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new RangeError(`at least one list at once, not ${atOnce}`);
  let free = atOnce;
  const waiting = new Set<() => void>();
  const begin = (): (() => void) => {
    free -= 1;
    const end = (): void => {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      free += 1;
      const [next] = waiting;
      next?.();
    };
    let timer: NodeJS.Timeout | undefined = setTimeout(end, deadlineMs);
    timer.unref();
    return end;
  };
  return {
    take(signal) {
      if (free > 0 || signal.aborted) return Promise.resolve(signal.aborted ? () => undefined : begin());
      return new Promise((resolve) => {
        const go = (): void => {
          waiting.delete(go);
          signal.removeEventListener('abort', go);
          resolve(signal.aborted ? () => undefined : begin());
        };
        waiting.add(go);
        signal.addEventListener('abort', go, { once: true });
      });
    },
  };
}
