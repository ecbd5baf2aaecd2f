import {
  type EffectiveContent,
  GatewayError,
  type GatewayStatus,
  type SourceContent,
} from '../../../src/gateways/index.js';
import type { Server } from '../../../src/members/index.js';
import type { SourceEntry } from '../../../src/testing/yz7/entry.js';
import { Guards } from '../../../src/testing/yz7/guards.js';
import { Counters } from '../../../src/testing/yz7/stats.js';
import { type SourceWriteResult, SourceWriter } from '../../../src/testing/yz7/source-writes.js';
import { Store } from '../../../src/testing/yz7/store.js';
import type { Random } from '../random.js';
import type { Timeline } from '../timeline.js';

/** How the admin API treats calls at present. */
export type Mode =
  | 'ok'
  | 'slow'
  | 'refuse-503'
  | 'refuse-429'
  | 'refuse-500'
  /** Requests get lost: a timeout, nothing done. */
  | 'lose-request'
  /** Answers get lost: a timeout, and the write is applied. */
  | 'lose-answer'
  /** The caller has long given up when the request arrives. */
  | 'late'
  | 'reset'
  | 'nonsense'
  | 'down';

interface Worker {
  readonly name: string;
  applied: number;
  lagMs: number;
}

/** One accepted write, as the oracle gets it. */
export interface Applied {
  readonly instance: GatewayInstance;
  readonly source: string;
  readonly upstream: string;
  readonly generation: string;
  readonly before: readonly Server[];
  readonly after: readonly Server[];
  readonly revision: number;
}

/** One gateway instance: the embedded yz7's own store, guards and writer, with workers that lag, in virtual time. */
export class GatewayInstance {
  readonly name: string;
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #onApplied: (write: Applied) => void;
  readonly #waiters = new Set<() => void>();
  #confirmed: { readonly revision: number; readonly at: number }[] = [];
  #workers: Worker[] = [];
  #store: Store;
  #writer: SourceWriter;
  #stores = 1;
  #starts = 0;
  mode: Mode = 'ok';
  /** Share of the calls that the mode is for. */
  share = 1;

  private constructor(
    timeline: Timeline,
    random: Random,
    name: string,
    store: Store,
    onApplied: (write: Applied) => void,
  ) {
    this.#timeline = timeline;
    this.#random = random;
    this.name = name;
    this.#store = store;
    this.#onApplied = onApplied;
    this.#writer = this.#start();
  }

  static async open(
    timeline: Timeline,
    random: Random,
    name: string,
    onApplied: (write: Applied) => void,
  ): Promise<GatewayInstance> {
    const store = await Store.open(undefined, Number.POSITIVE_INFINITY);
    return new GatewayInstance(timeline, random, name, store, onApplied);
  }

  get storeId(): string {
    return `${this.name}/${this.#stores}`;
  }

  get fate(): Mode {
    return this.#random.chance(this.share) ? this.mode : 'ok';
  }

  /** When every worker had this revision; undefined when some has not. */
  confirmedAt(revision: number): number | undefined {
    return this.#confirmed.find((one) => one.revision >= revision)?.at;
  }

  get isSettled(): boolean {
    return this.#workers.every(({ applied }) => applied === this.#store.state.revision);
  }

  entriesOf(source: string): SourceEntry[] {
    return this.#store.state.entriesOf(source);
  }

  content(upstream: string, source: string): SourceContent | undefined {
    const entry = this.#store.state.entryOf(upstream, source);
    return entry === undefined || entry.deleted ? undefined : entry;
  }

  effective(upstream: string): EffectiveContent | undefined {
    return this.#store.state.upstreams.has(upstream) ? this.#store.viewOf(upstream) : undefined;
  }

  claim(source: string, generation: string, writer: string): Promise<{ generation: string; writer: string }> {
    return this.#writer.claim(source, generation, writer);
  }

  /** Decided at once, as the real one does; the promise is only the disk's. */
  write(
    write: { upstream: string; source: string; generation: string; servers: readonly Server[] },
    force: { reason: string; actor: string } | undefined,
  ): Promise<SourceWriteResult> {
    const { upstream, source, generation, servers } = write;
    const before = this.#store.state.entryOf(upstream, source);
    const others = this.#store.state.sourcesOf(upstream).filter((entry) => entry.source !== source);
    const done = this.#writer.write({ ...write, force, ifMatch: undefined, ifNoneMatch: undefined });
    const after = this.#store.state.entryOf(upstream, source);
    if (after !== undefined && after !== before) {
      const { revision } = after;
      this.#onApplied({
        instance: this,
        source,
        upstream,
        generation,
        before: before?.servers ?? [],
        after: servers,
        revision,
      });
      for (const worker of this.#workers) this.#adoptLater(worker);
    }
    for (const entry of others) {
      if (this.#store.state.entryOf(upstream, entry.source) !== entry)
        throw new Error(`${source} touched ${entry.source}`);
    }
    return done;
  }

  async status(revision: number, waitMs: number): Promise<GatewayStatus> {
    const start = this.#starts;
    const lagging = (): Worker[] => this.#workers.filter(({ applied }) => applied < revision);
    if (lagging().length > 0) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          this.#waiters.delete(look);
          this.#timeline.noteSettled();
          resolve();
        };
        const look = (): void => {
          if (lagging().length === 0 || start !== this.#starts) end();
        };
        this.#waiters.add(look);
        this.#timeline.after(waitMs, end);
      });
    }
    if (start !== this.#starts) throw new GatewayError('UNREACHABLE', 'restarted', { retryable: true });
    const workers = this.#workers.map(({ name, applied }) => ({
      worker: name,
      state: 'serving' as const,
      appliedRevision: applied,
    }));
    const behind = lagging().map(({ name }) => name);
    return { storeId: this.storeId, workers, applied: behind.length === 0, lagging: behind };
  }

  /** Stops; comes back with its store, or with an empty one. */
  async restart(forMs: number, keepsStore: boolean): Promise<void> {
    this.mode = 'down';
    this.share = 1;
    const store = keepsStore ? this.#store : await Store.open(undefined, Number.POSITIVE_INFINITY);
    this.#timeline.after(forMs, () => {
      this.mode = 'ok';
      if (!keepsStore) {
        this.#store = store;
        this.#stores += 1;
        this.#confirmed = [];
      }
      this.#writer = this.#start();
    });
  }

  slowWorker(lagMs: number): void {
    const worker = this.#random.pick(this.#workers);
    if (worker !== undefined) worker.lagMs = lagMs;
  }

  heal(): void {
    if (this.mode !== 'down') this.mode = 'ok';
    this.share = 1;
    for (const worker of this.#workers) {
      worker.lagMs = 20;
      this.#adoptLater(worker);
    }
  }

  #start(): SourceWriter {
    this.#starts += 1;
    const applied = this.#store.state.revision;
    // The new workers begin with all that the store has.
    this.#confirm(applied);
    this.#workers = Array.from({ length: this.#random.between(1, 3) }, (_, index) => ({
      name: `worker-${index}`,
      applied,
      lagMs: this.#random.between(1, 150),
    }));
    for (const look of [...this.#waiters]) look();
    return new SourceWriter(this.#store, new Guards(0.5), new Counters(), () => this.#timeline.now);
  }

  #adoptLater(worker: Worker): void {
    const { revision } = this.#store.state;
    const start = this.#starts;
    this.#timeline.after(this.#random.between(1, worker.lagMs), () => {
      if (start !== this.#starts) return;
      worker.applied = Math.max(worker.applied, revision);
      this.#confirm(Math.min(...this.#workers.map((one) => one.applied)));
      for (const look of [...this.#waiters]) look();
    });
  }

  #confirm(revision: number): void {
    if (revision > (this.#confirmed.at(-1)?.revision ?? -1)) this.#confirmed.push({ revision, at: this.#timeline.now });
  }
}
