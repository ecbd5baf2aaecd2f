import { YouzanKubeError } from '../conventions/index.js';
import { Turns } from '../gateways/turns.js';
import { isKubeError, type KubeClient, resources } from '../kube/index.js';
import type { OperatorWord, SyncEvent } from './core/index.js';
import type { KeptOrder, SyncLogger } from './k8s-sync.js';
import {
  decodeOrders,
  encodeOrders,
  type FreezeOrder,
  noOrders,
  type Orders,
  ordersAnnotation,
  type ShareOrder,
} from './orders.js';

const mostTries = 5;
const callTimeoutMs = 2000;

export interface StandingOrdersOptions {
  readonly cluster: Pick<KubeClient, 'name' | 'get' | 'replace'>;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly signal: AbortSignal;
  readonly logger: SyncLogger | undefined;
  onOrder(event: Extract<SyncEvent, { type: 'freeze' | 'unfreeze' | 'traffic' }>): void;
}

/**
 * An operator's standing orders, kept in an annotation of the cluster's Lease: whoever of the deployment gets one writes it
 * there, and everyone reads it with each look at the Lease. What can't be read counts as a freeze, for a freeze that is
 * overlooked removes what it was to keep, and leaves the traffic as the gateways have it, for it may be a drain.
 */
export class StandingOrders {
  readonly #options: StandingOrdersOptions;
  /** The newest that a Lease was seen to have. */
  #known: Orders = noOrders;
  /** A freeze that the Lease does not have yet. */
  #pending: FreezeOrder | null = null;
  /** Stands for orders that can't be read. */
  #unreadable: (FreezeOrder & { readonly annotation: string }) | null = null;
  #toldFreeze: FreezeOrder | null = null;
  #toldTraffic: ShareOrder | null = null;
  /** One write at a time. */
  readonly #turns = new Turns(1);
  #isFlushing = false;

  constructor(options: StandingOrdersOptions) {
    this.#options = options;
  }

  /** Holds in this process at once, and for all as soon as the Lease has it. */
  async freeze(word: OperatorWord): Promise<KeptOrder> {
    const order = { ...word, since: new Date().toISOString() };
    this.#pending = order;
    this.#toldFreeze = order;
    this.#options.onOrder({ type: 'freeze', ...word });
    try {
      await this.#inTurn(() => this.#write());
      return { kept: 'lease' };
    } catch (error) {
      this.#warn(error, 'the freeze holds in this process only, until the Lease can be written');
      return { kept: 'process' };
    }
  }

  /** @throws YouzanKubeError `ORDERS_NOT_WRITTEN` when the Lease could not be written: then the freeze stays. */
  async unfreeze(word: OperatorWord): Promise<KeptOrder> {
    await this.#change(async () => {
      await this.#put((orders) => ({ ...orders, revision: orders.revision + 1, freeze: null }));
      this.#pending = null;
    }, 'while the API server does not answer nothing is removed anyway; try again when it does');
    this.#toldFreeze = null;
    this.#options.onOrder({ type: 'unfreeze', ...word });
    return { kept: 'lease' };
  }

  /**
   * The share of its traffic that the cluster is to have; 100 takes an order back.
   *
   * @throws YouzanKubeError `ORDERS_NOT_WRITTEN` when the Lease could not be written: then the traffic stays.
   */
  async traffic(percent: number, word: OperatorWord): Promise<KeptOrder> {
    const traffic = percent === 100 ? null : { percent, ...word, since: new Date().toISOString() };
    await this.#change(
      () => this.#put((orders) => ({ ...orders, revision: orders.revision + 1, traffic })),
      'an order that only one process had would end with it; try again when the API server answers',
    );
    this.#toldTraffic = traffic;
    this.#options.onOrder({ type: 'traffic', percent, ...word });
    return { kept: 'lease' };
  }

  /** The Lease was read or written. */
  observed(annotations: Readonly<Record<string, string>>): void {
    const read = this.#take(annotations[ordersAnnotation]);
    this.#tell();
    const isOutdated = read !== null && encodeOrders(read) !== encodeOrders(this.#known);
    if ((this.#pending === null && !isOutdated) || this.#isFlushing) return;
    this.#isFlushing = true;
    this.#inTurn(() => this.#write())
      .catch((error: unknown) => this.#warn(error, "the standing orders can't be written into the Lease"))
      .finally(() => (this.#isFlushing = false));
  }

  /** What is known, and what stands for it while it can't be read. */
  get #standing(): Orders {
    if (this.#unreadable === null) return this.#known;
    const { since, reason } = this.#unreadable;
    const unread = { since, ...(reason !== undefined && { reason }) };
    const { revision, freeze, traffic } = this.#known;
    return { revision, freeze: freeze ?? unread, traffic: traffic ?? { percent: null, ...unread } };
  }

  /** What the annotation has; what is newer than all before is known from now on. Null for what can't be read. */
  #take(annotation: string | undefined): Orders | null {
    const orders = decodeOrders(annotation);
    if (typeof orders !== 'string') {
      this.#unreadable = null;
      // A version that knows of no order on traffic takes none back.
      if (orders.revision >= this.#known.revision) this.#known = { ...this.#known, ...orders };
      return orders;
    }
    if (this.#unreadable?.annotation !== annotation) {
      const { cluster, lease, logger } = this.#options;
      const reason = `${ordersAnnotation} of the Lease ${lease.namespace}/${lease.name} can't be read (${orders}), so it counts as a freeze, and the traffic stays as the gateways have it`;
      logger?.error({ cluster: cluster.name, annotation }, reason);
      this.#unreadable = { reason, since: new Date().toISOString(), annotation: annotation ?? '' };
    }
    return null;
  }

  #tell(): void {
    const { freeze, traffic = null } = this.#standing;
    this.#tellFreeze(this.#pending ?? freeze);
    this.#tellTraffic(traffic);
  }

  #tellFreeze(present: FreezeOrder | null): void {
    if (isSame(present, this.#toldFreeze)) return;
    this.#toldFreeze = present;
    if (present === null) this.#options.onOrder({ type: 'unfreeze', from: 'lease' });
    else this.#options.onOrder({ type: 'freeze', ...fromLease(present) });
  }

  #tellTraffic(present: ShareOrder | null): void {
    if (isSame(present, this.#toldTraffic) && present?.percent === this.#toldTraffic?.percent) return;
    this.#toldTraffic = present;
    if (present === null) this.#options.onOrder({ type: 'traffic', percent: 100, from: 'lease' });
    else this.#options.onOrder({ type: 'traffic', percent: present.percent, ...fromLease(present) });
  }

  /** What is pending, or what the Lease has lost. */
  async #write(): Promise<void> {
    const pending = this.#pending;
    await this.#put((orders) => {
      if (pending !== null) return { ...orders, revision: orders.revision + 1, freeze: pending };
      return this.#unreadable === null ? orders : undefined;
    });
    if (this.#pending === pending) this.#pending = null;
  }

  /** Under the resourceVersion that was read; read again when somebody was faster. */
  async #put(next: (standing: Orders) => Orders | undefined): Promise<void> {
    const { cluster, lease, signal } = this.#options;
    const call = { signal, timeoutMs: callTimeoutMs };
    for (let tries = 1; ; tries += 1) {
      const present = await cluster.get(resources.leases, lease, call);
      const { annotations = {} } = present.metadata;
      this.#take(annotations[ordersAnnotation]);
      const orders = next(this.#standing);
      if (orders === undefined) return;
      const metadata = {
        ...present.metadata,
        annotations: { ...annotations, [ordersAnnotation]: encodeOrders(orders) },
      };
      try {
        if (annotations[ordersAnnotation] !== encodeOrders(orders))
          await cluster.replace(resources.leases, { ...present, metadata }, call);
        this.#known = orders;
        this.#unreadable = null;
        return;
      } catch (error) {
        if (tries === mostTries || !isKubeError(error, 'KUBE_CONFLICT')) throw error;
      }
    }
  }

  async #change(write: () => Promise<void>, hint: string): Promise<void> {
    try {
      await this.#inTurn(write);
    } catch (cause) {
      const { name } = this.#options.cluster;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `${name} stays as it is: the Lease can't be written: ${reason}`;
      throw new YouzanKubeError('ORDERS_NOT_WRITTEN', message, { path: name, hint, cause });
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(this.#options.signal, work);
  }

  #warn(error: unknown, message: string): void {
    const { cluster, signal, logger } = this.#options;
    if (!signal.aborted) logger?.warn({ cluster: cluster.name, error }, `${cluster.name}: ${message}`);
  }
}

const isSame = (one: FreezeOrder | null, other: FreezeOrder | null): boolean =>
  one?.since === other?.since && one?.reason === other?.reason;

/** Another process got it, or an earlier one. */
function fromLease({ since, actor, reason }: FreezeOrder) {
  return {
    ...(actor !== undefined && { actor }),
    ...(reason !== undefined && { reason }),
    from: 'lease' as const,
    ageMs: Math.max(0, Date.now() - Date.parse(since)),
  };
}
