import type { Clock } from '../kube/index.js';

/** Timers by name, on the syncer's clock: a later one of a name takes the place of an earlier one. */
export class Timers<Name extends string> {
  readonly #clock: Clock;
  readonly #fire: (name: Name) => void;
  readonly #waiting = new Map<Name, AbortController>();

  constructor(clock: Clock, fire: (name: Name) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  set(name: Name, ms: number): void {
    this.#waiting.get(name)?.abort();
    const timer = new AbortController();
    this.#waiting.set(name, timer);
    void this.#clock.wait(ms, timer.signal).then(() => {
      if (timer.signal.aborted) return;
      this.#waiting.delete(name);
      this.#fire(name);
    });
  }

  clear(): void {
    for (const timer of this.#waiting.values()) timer.abort();
    this.#waiting.clear();
  }
}
