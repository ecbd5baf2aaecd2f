import { setMaxListeners } from 'node:events';

/** A signal that follows others until it is released. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  /** Lets the others go; safe to call twice. */
  release(): void;
}

/**
 * A signal that aborts with the first of these, and with its reason. Unlike `AbortSignal.any` it leaves nothing behind in a
 * signal that outlives it: on Node 20 that keeps about 80 bytes of each call, some megabytes a day of a heartbeat every 2 s.
 */
export function linkSignals(...signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const linked = new AbortController();
  const ends: (() => void)[] = [];
  for (const one of signals) {
    if (one === undefined) continue;
    const abort = (): void => linked.abort(one.reason);
    if (one.aborted) {
      abort();
      break;
    }
    // One signal may stand over any number of calls.
    setMaxListeners(0, one);
    one.addEventListener('abort', abort);
    ends.push(() => one.removeEventListener('abort', abort));
  }
  return {
    signal: linked.signal,
    release() {
      for (const end of ends.splice(0)) end();
    },
  };
}
