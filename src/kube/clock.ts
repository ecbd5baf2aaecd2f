/** Time as the reflector and the elector see it; a test may give them one of its own. */
export interface Clock {
  /** Milliseconds that only go forward; they say nothing of the time of day. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** The time of day, for what others read. */
  date(): Date;
}

/** The machine's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  async wait(ms, signal) {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    });
  },
};
