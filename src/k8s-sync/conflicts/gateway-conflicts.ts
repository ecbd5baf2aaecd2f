import type { AddressConflict, Gateway } from '../../gateways/index.js';
import type { Clock } from '../../kube/index.js';

/** Twenty a second at most. */
const everyMs = 50;
const readTimeoutMs = 2000;

export interface GatewayConflictsOptions {
  readonly gateway: Pick<Gateway, 'readEffective'>;
  /** This cluster's source. */
  readonly source: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A write to the gateway is under way: it goes first. */
  isWriting(): boolean;
  /** What an upstream has now, where it had something else. */
  onChange(upstream: string, conflicts: readonly AddressConflict[]): void;
}

/** What a look at the gateway said of one upstream of our source. */
interface LookedUpstream {
  readonly upstream: string;
  /** Of the last change of our source in it. */
  readonly revision: number;
}

interface Read {
  readonly revision: number;
  readonly conflicts: readonly AddressConflict[];
}

/**
 * The conflicts of our source at one gateway. After a look at it, the upstreams that we have changed since, and those that had
 * a conflict, are read, one by one, slowly. A conflict that another source makes is seen by the syncer that wrote it.
 */
export class GatewayConflicts {
  readonly #options: GatewayConflictsOptions;
  #storeId = '';
  readonly #read = new Map<string, Read>();
  /** Upstreams to read, with the revision that they had when they were looked at. */
  readonly #waiting = new Map<string, number>();
  #isReading = false;

  constructor(options: GatewayConflictsOptions) {
    this.#options = options;
  }

  /** By upstream; only those that have some. */
  *present(): Iterable<[upstream: string, conflicts: readonly AddressConflict[]]> {
    for (const [upstream, { conflicts }] of this.#read) if (conflicts.length > 0) yield [upstream, conflicts];
  }

  /** All upstreams of our source were read from the store. */
  looked(storeId: string, upstreams: readonly LookedUpstream[]): void {
    const names = new Set(upstreams.map(({ upstream }) => upstream));
    for (const name of this.#waiting.keys()) if (!names.has(name)) this.#waiting.delete(name);
    for (const name of this.#read.keys()) if (!names.has(name)) this.#forget(name);
    for (const { upstream, revision } of upstreams) {
      const former = this.#read.get(upstream);
      const isKnown = former?.revision === revision && former.conflicts.length === 0 && storeId === this.#storeId;
      if (!isKnown) this.#waiting.set(upstream, revision);
    }
    this.#storeId = storeId;
    if (this.#isReading || this.#waiting.size === 0) return;
    this.#isReading = true;
    void this.#readAll();
  }

  /** What can't be read is read after a later look. */
  async #readAll(): Promise<void> {
    const { gateway, source, clock, signal } = this.#options;
    for (const [upstream, revision] of this.#waiting) {
      do await clock.wait(everyMs, signal);
      while (this.#options.isWriting() && !signal.aborted);
      if (signal.aborted) return;
      if (!this.#waiting.delete(upstream)) continue;
      try {
        const found = await gateway.readEffective(upstream, { signal, timeoutMs: readTimeoutMs });
        const isOurs = ({ sources }: AddressConflict): boolean => sources.some((one) => one.source === source);
        this.#take(upstream, { revision, conflicts: found?.conflicts.filter(isOurs) ?? [] });
      } catch {
        this.#waiting.clear();
      }
    }
    this.#isReading = false;
  }

  #take(upstream: string, read: Read): void {
    if (this.#options.signal.aborted) return;
    const former = this.#read.get(upstream)?.conflicts ?? [];
    this.#read.set(upstream, read);
    if (JSON.stringify(former) !== JSON.stringify(read.conflicts)) this.#options.onChange(upstream, read.conflicts);
  }

  #forget(upstream: string): void {
    this.#take(upstream, { revision: 0, conflicts: [] });
    this.#read.delete(upstream);
  }
}
