import type { Clock } from './clock.js';

/** Bites when nothing is heard for so long. It must be told when its watch ends. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #bite = new AbortController();
  readonly #ended = new AbortController();
  #heardAtMs: number;

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#heardAtMs = clock.now();
    void this.#watch();
  }

  get bitten(): AbortSignal {
    return this.#bite.signal;
  }

  heard(): void {
    this.#heardAtMs = this.#clock.now();
  }

  end(): void {
    this.#ended.abort();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const leftMs = this.#heardAtMs + this.#idleMs - this.#clock.now();
      if (leftMs > 0) {
        await this.#clock.wait(leftMs, signal);
        continue;
      }
      this.#bite.abort();
      return;
    }
  }
}
