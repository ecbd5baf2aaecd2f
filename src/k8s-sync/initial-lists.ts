import { Turns } from '../gateways/turns.js';

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
  const turns = new Turns(atOnce);
  return {
    take: (signal) =>
      new Promise((resolve) => {
        const turn = (): Promise<void> =>
          new Promise((end) => {
            const timer = setTimeout(end, deadlineMs);
            timer.unref();
            resolve(() => {
              clearTimeout(timer);
              end();
            });
          });
        // Who is stopped while he waits needs no turn.
        turns.run(signal, turn).catch(() => resolve(() => undefined));
      }),
  };
}
