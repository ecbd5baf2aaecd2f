import type { Gateway } from '../../gateways/index.js';
import type { Clock } from '../../kube/index.js';
import type { SyncEvent, SyncState } from '../core/index.js';
import type { SyncLogger, SyncNotice } from '../k8s-sync.js';
import { type SyncConflict, tellSources } from './conflict.js';
import { GatewayConflicts } from './gateway-conflicts.js';

export interface ConflictWatchOptions {
  readonly cluster: string;
  readonly gateways: readonly Gateway[];
  /** This cluster's source. */
  readonly source: string;
  readonly clock: Clock;
  readonly logger: SyncLogger | undefined;
  isWriting(gateway: string): boolean;
  onNotice(notice: Extract<SyncNotice, { type: 'conflict' }>): void;
}

/** Looks, while this process leads, for addresses of ours that another source has, too. It decides nothing. */
export class ConflictWatch {
  readonly #options: ConflictWatchOptions;
  readonly #gateways = new Map<string, GatewayConflicts>();
  #term = new AbortController();

  constructor(options: ConflictWatchOptions) {
    this.#options = options;
  }

  get conflicts(): readonly SyncConflict[] {
    return [...this.#gateways].flatMap(([gateway, found]) =>
      [...found.present()].flatMap(([upstream, conflicts]) =>
        conflicts.map((conflict) => ({ gateway, upstream, ...conflict })),
      ),
    );
  }

  /** After each step of the core: a gateway has said what it has of our source, or this process leads no longer. */
  follow({ epoch, instances }: SyncState, event: SyncEvent): void {
    if (epoch === null) this.end();
    else if (event.type === 'sources')
      this.#of(event.gateway)?.looked(instances[event.gateway]?.storeId ?? '', event.sources);
  }

  /** What was found is no longer looked after. */
  end(): void {
    if (this.#gateways.size === 0) return;
    this.#term.abort();
    this.#term = new AbortController();
    this.#gateways.clear();
  }

  #of(name: string): GatewayConflicts | undefined {
    const { gateways, source, clock } = this.#options;
    const gateway = gateways.find((one) => one.name === name);
    if (gateway === undefined || this.#gateways.has(name)) return this.#gateways.get(name);
    const begun = new GatewayConflicts({
      gateway,
      source,
      clock,
      signal: this.#term.signal,
      isWriting: () => this.#options.isWriting(name),
      onChange: (upstream, conflicts) => this.#tell({ type: 'conflict', gateway: name, upstream, conflicts }),
    });
    this.#gateways.set(name, begun);
    return begun;
  }

  #tell(notice: Extract<SyncNotice, { type: 'conflict' }>): void {
    const { cluster, logger } = this.#options;
    const { gateway, upstream, conflicts } = notice;
    const told = conflicts.map(({ address, sources }) => `${address} (${tellSources(sources)})`).join(', ');
    if (conflicts.length === 0)
      logger?.info({ cluster, ...notice }, `${upstream} at ${gateway}: no address is of several sources any more`);
    else logger?.warn({ cluster, ...notice }, `${upstream} at ${gateway}: of several sources: ${told}`);
    this.#options.onNotice(notice);
  }
}
