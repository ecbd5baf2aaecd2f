import { YouzanKubeError } from '../conventions/index.js';
import { isKubeError, type KubeClient, resources } from '../kube/index.js';
import type { OperatorWord, SyncEvent } from './core/index.js';
import type { KeptOrder, SyncLogger } from './k8s-sync.js';
import { decodeOrders, encodeOrders, type FreezeOrder, noOrders, type Orders, ordersAnnotation } from './orders.js';

const mostTries = 5;
const callTimeoutMs = 2000;

export interface StandingOrdersOptions {
  readonly cluster: Pick<KubeClient, 'name' | 'get' | 'replace'>;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly signal: AbortSignal;
  readonly logger: SyncLogger | undefined;
  onOrder(event: Extract<SyncEvent, { type: 'freeze' | 'unfreeze' }>): void;
}

/**
 * An operator's standing orders, kept in an annotation of the cluster's Lease: whoever of the deployment gets one writes it
 * there, and everyone reads it with each look at the Lease. What can't be read counts as a freeze, for a freeze that is
 * overlooked removes what it was to keep.
 */
export class StandingOrders {
  readonly #options: StandingOrdersOptions;
  /** The newest that a Lease was seen to have. */
  #known: Orders = noOrders;
  /** A freeze that the Lease does not have yet. */
  #pending: FreezeOrder | null = null;
  /** Stands for orders that can't be read. */
  #unreadable: (FreezeOrder & { readonly annotation: string }) | null = null;
  #told: FreezeOrder | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #isFlushing = false;

  constructor(options: StandingOrdersOptions) {
    this.#options = options;
  }

  /** Holds in this process at once, and for all as soon as the Lease has it. */
  async freeze(word: OperatorWord): Promise<KeptOrder> {
    const order = { ...word, since: new Date().toISOString() };
    this.#pending = order;
    this.#told = order;
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
    const { cluster } = this.#options;
    try {
      await this.#inTurn(async () => {
        await this.#put(({ revision }) => ({ revision: revision + 1, freeze: null }));
        this.#pending = null;
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new YouzanKubeError(
        'ORDERS_NOT_WRITTEN',
        `${cluster.name} stays as it is: the Lease can't be written: ${reason}`,
        {
          path: cluster.name,
          hint: 'while the API server does not answer nothing is removed anyway; try again when it does',
          cause,
        },
      );
    }
    this.#told = null;
    this.#options.onOrder({ type: 'unfreeze', ...word });
    return { kept: 'lease' };
  }

  /** The Lease was read or written. */
  observed(annotations: Readonly<Record<string, string>>): void {
    const revision = this.#take(annotations[ordersAnnotation]);
    this.#tell();
    const isOutdated = this.#unreadable === null && revision < this.#known.revision;
    if ((this.#pending === null && !isOutdated) || this.#isFlushing) return;
    this.#isFlushing = true;
    this.#inTurn(() => this.#write())
      .catch((error: unknown) => this.#warn(error, "the standing orders can't be written into the Lease"))
      .finally(() => (this.#isFlushing = false));
  }

  /** The revision that the annotation has; what is newer than all before is known from now on. */
  #take(annotation: string | undefined): number {
    const orders = decodeOrders(annotation);
    if (typeof orders !== 'string') {
      this.#unreadable = null;
      if (orders.revision >= this.#known.revision) this.#known = orders;
      return orders.revision;
    }
    if (this.#unreadable?.annotation !== annotation) {
      const { cluster, lease, logger } = this.#options;
      const reason = `${ordersAnnotation} of the Lease ${lease.namespace}/${lease.name} can't be read (${orders}), so it counts as a freeze`;
      logger?.error({ cluster: cluster.name, annotation }, reason);
      this.#unreadable = { reason, since: new Date().toISOString(), annotation: annotation ?? '' };
    }
    return this.#known.revision;
  }

  #tell(): void {
    const present = this.#pending ?? this.#known.freeze ?? this.#unreadable;
    const former = this.#told;
    const isSame = present?.since === former?.since && present?.reason === former?.reason;
    if (isSame) return;
    this.#told = present;
    if (present === null) {
      this.#options.onOrder({ type: 'unfreeze', from: 'lease' });
      return;
    }
    const { since, actor, reason } = present;
    this.#options.onOrder({
      type: 'freeze',
      ...(actor !== undefined && { actor }),
      ...(reason !== undefined && { reason }),
      from: 'lease',
      ageMs: Math.max(0, Date.now() - Date.parse(since)),
    });
  }

  /** What is pending, or what the Lease has lost. */
  async #write(): Promise<void> {
    const pending = this.#pending;
    await this.#put((known) => {
      if (pending !== null) return { revision: known.revision + 1, freeze: pending };
      return this.#unreadable === null ? known : undefined;
    });
    if (this.#pending === pending) this.#pending = null;
  }

  /** Under the resourceVersion that was read; read again when somebody was faster. */
  async #put(next: (known: Orders) => Orders | undefined): Promise<void> {
    const { cluster, lease, signal } = this.#options;
    const call = { signal, timeoutMs: callTimeoutMs };
    for (let tries = 1; ; tries += 1) {
      const present = await cluster.get(resources.leases, lease, call);
      const { annotations = {} } = present.metadata;
      this.#take(annotations[ordersAnnotation]);
      const orders = next(this.#known);
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

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #warn(error: unknown, message: string): void {
    const { cluster, signal, logger } = this.#options;
    if (!signal.aborted) logger?.warn({ cluster: cluster.name, error }, `${cluster.name}: ${message}`);
  }
}
