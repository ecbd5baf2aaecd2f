import { queryDuration, queryNumber, type Answer, type Call } from './call.js';
import { Problem } from './problem.js';
import type { Store } from './store.js';
import type { Worker } from './worker.js';

/** The instance's workers, and those who wait for them. */
export class StatusApi {
  readonly #store: Store;
  readonly #workers: readonly Worker[];
  readonly #waiters = new Set<() => void>();

  constructor(store: Store, workers: readonly Worker[]) {
    this.#store = store;
    this.#workers = workers;
  }

  /** To be called whenever a worker has adopted a revision. */
  noteApplied(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** With `?min_revision=R&wait=30s`: when every worker has applied R, or 504 naming those that lag. */
  async status(call: Call): Promise<Answer> {
    const wanted = queryNumber(call.query, 'min_revision') ?? 0;
    const waitMs = queryDuration(call.query, 'wait');
    await this.#applied(wanted, waitMs, call.signal);
    const lagging = this.#lagging(wanted);
    const body = { revision: this.#store.state.revision, workers: this.#describe() };
    if (lagging.length === 0) return { status: 200, body };
    throw new Problem(504, 'NOT_APPLIED', `revision ${wanted} is not applied by ${lagging.join(', ')}`, {
      retryable: true,
      details: { ...body, lagging },
    });
  }

  #lagging(revision: number): string[] {
    return this.#workers.filter((worker) => worker.appliedRevision < revision).map(({ name }) => name);
  }

  #describe(): object[] {
    return this.#workers.map(({ name, appliedRevision, ageMs }) => ({
      worker: name,
      pid: process.pid,
      state: 'serving',
      appliedRevision,
      ageMs,
      lastError: null,
    }));
  }

  #applied(revision: number, waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#lagging(revision).length === 0 || waitMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve();
      };
      const look = (): void => {
        if (this.#lagging(revision).length === 0) end();
      };
      const timer = setTimeout(end, waitMs);
      this.#waiters.add(look);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
