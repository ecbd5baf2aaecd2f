import { effectiveView, type UpstreamView } from './effective.js';
import type { Entry, Route, Write } from './entry.js';
import { memoryLog, openLog, type Log } from './log.js';
import { storeUnavailable } from './problem.js';
import { GatewayState } from './state.js';

/** What a worker loads: everything that the data plane reads, at one revision. */
export interface Snapshot {
  readonly revision: number;
  readonly views: ReadonlyMap<string, UpstreamView>;
  /** upstream -> service chains that are known for it. */
  readonly chains: ReadonlyMap<string, ReadonlySet<string>>;
  readonly routes: ReadonlyMap<string, Route>;
}

/** One instance's store: its state, its log, and those who want to know of what is on disk. */
export class Store {
  state = new GatewayState();
  #log: Log;
  readonly #dir: string | undefined;
  readonly #compactBytes: number;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  readonly #views = new Map<string, UpstreamView>();
  #published: Snapshot = { revision: 0, views: new Map(), chains: new Map(), routes: new Map() };
  #last: Promise<void> = Promise.resolve();
  #isBroken = false;

  private constructor(dir: string | undefined, compactBytes: number, log: Log, entries: readonly Entry[]) {
    this.#dir = dir;
    this.#compactBytes = compactBytes;
    this.#log = log;
    this.#load(entries);
  }

  /** Without a folder the store lives in memory only. */
  static async open(dir: string | undefined, compactBytes: number): Promise<Store> {
    if (dir === undefined) return new Store(dir, compactBytes, memoryLog(), []);
    const { log, entries } = await openLog(dir);
    return new Store(dir, compactBytes, log, entries);
  }

  get id(): string {
    return this.#log.storeId;
  }

  /** What is on disk, for the workers. */
  get published(): Snapshot {
    return this.#published;
  }

  /** The merged servers of an upstream. */
  viewOf(upstream: string): UpstreamView {
    return this.#views.get(upstream) ?? effectiveView(upstream, 0, []);
  }

  views(): readonly UpstreamView[] {
    return [...this.#views.values()];
  }

  /** Resolves when everything decided so far is on disk; throws 503 when it can't get there. */
  async settled(): Promise<void> {
    await this.#last.catch(() => undefined);
    if (this.#isBroken) await this.#recover();
  }

  /** Resolves when what was last decided is on disk; throws 503 when it did not get there. */
  flushed(): Promise<void> {
    return this.#last;
  }

  /** Applies a decided write; resolves when it is on disk and handed to the workers. */
  commit(entry: Write): Promise<void> {
    this.state.apply(entry);
    if (entry.type === 'source') this.#refreshView(entry.upstream);
    if (entry.type === 'upstream') this.#refreshView(entry.name);
    const done = this.#log.append([entry]).then(
      () => this.#publish(entry),
      (error: unknown) => {
        this.#isBroken = true;
        throw storeUnavailable(`the store can't be written: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
    this.#last = done;
    if (this.#log.sizeBytes > this.#compactBytes) {
      // A failure shows at the next append, which then recovers.
      this.#log.compact(() => this.state.entries()).catch(() => undefined);
    }
    return done;
  }

  /** Called with every snapshot that is on disk, in order; returns the way to stop. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  #load(entries: readonly Entry[]): void {
    this.state = new GatewayState();
    for (const entry of entries) this.state.apply(entry);
    this.#views.clear();
    for (const name of this.state.upstreams.keys()) this.#refreshView(name);
    this.#published = {
      revision: this.state.revision,
      views: new Map(this.#views),
      chains: this.#chainsByUpstream(),
      routes: this.#routes(),
    };
    for (const listener of this.#listeners) listener(this.#published);
  }

  /** Reads back what the disk has, and writes it anew: a page that failed once may only be in memory. */
  async #recover(): Promise<void> {
    if (this.#dir === undefined) return;
    try {
      await this.#log.close().catch(() => undefined);
      const { log, entries } = await openLog(this.#dir);
      this.#log = log;
      this.#load(entries);
      await log.compact(() => this.state.entries());
      this.#last = Promise.resolve();
      this.#isBroken = false;
    } catch (error) {
      throw storeUnavailable(`the store can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #refreshView(upstream: string): void {
    const record = this.state.upstreams.get(upstream);
    if (record === undefined) this.#views.delete(upstream);
    else {
      const sources = this.state.sourcesOf(upstream);
      this.#views.set(upstream, effectiveView(upstream, record.settings.slowStartMs, sources));
    }
  }

  #publish(entry: Write): void {
    if (entry.type === 'claim') return;
    const { views, chains, routes } = this.#published;
    const revision = Math.max(entry.revision, this.#published.revision);
    if (entry.type === 'source' || entry.type === 'upstream') {
      this.#published = { revision, views: new Map(this.#views), chains, routes };
    } else if (entry.type === 'chain') {
      this.#published = { revision, views, chains: this.#chainsByUpstream(), routes };
    } else {
      this.#published = { revision, views, chains, routes: this.#routes() };
    }
    for (const listener of this.#listeners) listener(this.#published);
  }

  #chainsByUpstream(): Map<string, Set<string>> {
    const chains = new Map<string, Set<string>>();
    for (const [sc, { upstreams }] of this.state.chains) {
      for (const upstream of upstreams) chains.set(upstream, (chains.get(upstream) ?? new Set()).add(sc));
    }
    return chains;
  }

  #routes(): Map<string, Route> {
    return new Map([...this.state.routes].map(([id, { route }]) => [id, route]));
  }
}
