import type { Clock } from './clock.js';

/** Bites when nothing was heard for so long, the time before its watch counted. It must be told when its watch ends. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #bite = new AbortController();
  readonly #ended = new AbortController();
  #heardAtMs: number;

  constructor(clock: Clock, idleMs: number, heardAtMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#heardAtMs = heardAtMs;
    void this.#watch();
  }

  get bitten(): AbortSignal {
    return this.#bite.signal;
  }

  /** When something was heard last. */
  get heardAtMs(): number {
    return this.#heardAtMs;
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
