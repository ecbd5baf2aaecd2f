import type { Clock } from '../../src/kube/clock.js';

interface Wait {
  readonly ms: number;
  readonly atMs: number;
  readonly wake: () => void;
}

/** A turn of the event loop: what was woken has gone on as far as it can without time or I/O. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  /** Every wait that was asked for, milliseconds, in order. */
  readonly asked: number[] = [];
  readonly #waits = new Set<Wait>();
  readonly #watchers = new Set<() => void>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678) + this.#now);
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    this.asked.push(ms);
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waits.delete(wait);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const wait = { ms, atMs: this.#now + ms, wake };
      this.#waits.add(wait);
      signal?.addEventListener('abort', wake, { once: true });
      for (const look of [...this.#watchers]) look();
    });
  }

  /** The waits that go on, milliseconds as they were asked for. */
  get waiting(): number[] {
    return [...this.#waits].map(({ ms }) => ms);
  }

  /** Resolves when somebody waits for so long, or for what the predicate takes, and has told what came before. */
  async until(wanted: number | ((ms: number) => boolean), deadlineMs = 5000): Promise<void> {
    const matches = typeof wanted === 'number' ? (ms: number): boolean => ms === wanted : wanted;
    await new Promise<void>((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        act();
      };
      const look = (): void => {
        if (this.waiting.some(matches)) end(resolve);
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`nobody waits for ${String(wanted)}, only for ${this.waiting.join()}`))),
        deadlineMs,
      );
      this.#watchers.add(look);
      look();
    });
    await turn();
  }

  /** Lets time pass: what waits wakes in its order, and goes on before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#now + ms;
    await turn();
    for (;;) {
      const due = [...this.#waits].filter(({ atMs }) => atMs <= endMs).sort((one, other) => one.atMs - other.atMs)[0];
      if (due === undefined) break;
      this.#now = Math.max(this.#now, due.atMs);
      due.wake();
      await turn();
    }
    this.#now = endMs;
  }
}
