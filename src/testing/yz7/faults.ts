import { Problem, storeUnavailable } from './problem.js';
import { matchesPattern } from './tokens.js';
import type { Lag } from './worker.js';

/** What an embedded gateway can be told to do wrong. Every knob stays until it is turned back, or `clear()`. */
export interface Yz7Faults {
  /**
   * Refuses claims and writes of the sources that match the pattern (`*` stands for any text): 503 `STORE_UNAVAILABLE`,
   * 409 `STALE_GENERATION`, 429 `RATE_LIMITED` with `Retry-After: 1`, or 500 `SERVER_ERROR`. Refused writes are counted.
   */
  refuseWrites(sourcePattern: string, status: 503 | 409 | 429 | 500): void;
  /** Takes every refusal back. */
  acceptWrites(): void;
  /** Every admin answer comes this many milliseconds later; 0 turns it off. */
  slow(ms: number): void;
  /** Every admin answer is 200 with a body that is not JSON, and nothing is done. */
  nonsense(on: boolean): void;
  /** Admin requests are taken and not answered; those that still wait go on when it ends. */
  hang(on: boolean): void;
  /** Connections to the admin port are refused. The data plane goes on. */
  down(on: boolean): Promise<void>;
  /** A worker (`worker-1`, …) adopts new revisions so many milliseconds late, or not at all. */
  lag(worker: string, lag: Lag): void;
  clear(): Promise<void>;
}

function refusal(source: string, status: 503 | 409 | 429 | 500): Problem {
  const message = `writes of ${source} are refused on demand`;
  if (status === 503) return storeUnavailable(message);
  if (status === 409) return new Problem(409, 'STALE_GENERATION', message);
  if (status === 500) return new Problem(500, 'SERVER_ERROR', message, { retryable: true });
  return new Problem(429, 'RATE_LIMITED', message, { retryable: true, headers: { 'retry-after': '1' } });
}

/** The state of the knobs that the admin API looks at. */
export class AdminFaults {
  slowMs = 0;
  isNonsense = false;
  #refusals: { readonly pattern: string; readonly status: 503 | 409 | 429 | 500 }[] = [];
  #hang: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  refuse(pattern: string, status: 503 | 409 | 429 | 500): void {
    this.#refusals.push({ pattern, status });
  }

  acceptAll(): void {
    this.#refusals = [];
  }

  /** Throws when writes of this source are to be refused. */
  checkWrite(source: string): void {
    const found = this.#refusals.findLast(({ pattern }) => matchesPattern(pattern, source));
    if (found) throw refusal(source, found.status);
  }

  setHang(on: boolean): void {
    if (!on) {
      this.#hang?.end();
      this.#hang = undefined;
    } else if (this.#hang === undefined) {
      let end = (): void => undefined;
      const over = new Promise<void>((resolve) => (end = resolve));
      this.#hang = { over, end };
    }
  }

  /** Waits as long as the knobs say. */
  async pass(): Promise<void> {
    await this.#hang?.over;
    if (this.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, this.slowMs).unref());
  }
}
