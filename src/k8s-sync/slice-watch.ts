import type { Conventions } from '../conventions/index.js';
import {
  type Clock,
  createReflector,
  type KubeClient,
  type Reflector,
  type ReflectorEvent,
  resources,
} from '../kube/index.js';
import { decodeEndpointSlice, type EndpointSliceRecord, networkAddresses } from '../members/index.js';
import { AddressJoin, type PodAddresses } from './address-join.js';
import type { SliceChange } from './core/index.js';
import { inTurns } from './first-list.js';
import type { InitialLists } from './initial-lists.js';
import type { SyncLogger } from './k8s-sync.js';

export interface SliceWatchOptions {
  readonly cluster: KubeClient;
  readonly namespace: string | undefined;
  readonly conventions: Conventions;
  readonly logger: SyncLogger | undefined;
  readonly initialLists: InitialLists | undefined;
  readonly clock: Clock;
  onChanges(changes: readonly SliceChange[]): void;
}

/** Watches the apps' EndpointSlices of one cluster and, where one names a second network, its pods. */
export class SliceWatch {
  readonly #options: SliceWatchOptions;
  readonly #join = new AddressJoin();
  #slices: Reflector | undefined;
  #pods: Reflector | undefined;
  #hasListed = false;
  /** What is told in the turns of the event loop to come, in order. */
  #untold: (readonly SliceChange[])[] = [];
  readonly #stop = new AbortController();
  /** Ends the turn of the first list; before it, undefined. */
  #endTurn: (() => void) | undefined;

  constructor(options: SliceWatchOptions) {
    this.#options = options;
  }

  /** Lists and watches, anew when it was begun before: what the former watch still says is not heard. */
  begin(): void {
    void this.#slices?.stop();
    this.#untold = [];
    const { cluster, namespace, conventions, logger, clock } = this.#options;
    const reflector = createReflector<EndpointSliceRecord>({
      client: cluster,
      clock,
      type: resources.endpointSlices,
      // After a break the cluster may be another than the one that was seen: restored from a backup.
      afterBreak: 'list',
      namespace,
      labelSelector: conventions.labels.app,
      decode: (object) => decodeEndpointSlice(object, conventions),
      onEvents: (events) => {
        // There, or failed: another one may list, too.
        if (events.some(({ type }) => type === 'replaced' || type === 'disconnected')) this.#endTurn?.();
        if (this.#slices !== reflector) return;
        this.#sayBroken(events, 'the EndpointSlices');
        this.#tell(this.#join.slices(events.flatMap(changeOf)));
        if (this.#join.needsPods) this.#watchPods();
      },
      onBadObject: (key, error) =>
        logger?.error({ cluster: cluster.name, key, error }, 'an EndpointSlice cannot be read'),
    });
    this.#slices = reflector;
    void this.#startInTurn(reflector);
  }

  /** The first list waits for its turn; what is begun anew does not, for it is a cluster that was seen before. */
  async #startInTurn(reflector: Reflector): Promise<void> {
    const { initialLists } = this.#options;
    if (this.#endTurn === undefined && initialLists !== undefined) {
      const end = await initialLists.take(this.#stop.signal);
      if (this.#slices !== reflector || this.#stop.signal.aborted) {
        end();
        return;
      }
      this.#endTurn = end;
    }
    reflector.start();
  }

  async stop(): Promise<void> {
    this.#untold = [];
    this.#stop.abort();
    this.#endTurn?.();
    await Promise.all([this.#slices?.stop(), this.#pods?.stop()]);
  }

  #watchPods(): void {
    if (this.#pods !== undefined) return;
    const { cluster, namespace, conventions, clock } = this.#options;
    this.#pods = createReflector<PodAddresses>({
      client: cluster,
      clock,
      type: resources.pods,
      namespace,
      labelSelector: conventions.labels.app,
      decode: ({ metadata }) => ({ uid: metadata.uid ?? '', addresses: networkAddresses(metadata.annotations) }),
      onEvents: (events) => {
        this.#sayBroken(events, "the pods' second addresses");
        for (const event of events) {
          if (event.type === 'replaced')
            this.#tell(this.#join.pods({ kind: 'replaced', pods: [...event.items.values()] }));
          else if (event.type === 'upserted') this.#tell(this.#join.pods({ kind: 'upserted', pod: event.item }));
        }
      },
    });
    this.#pods.start();
  }

  #tell(changes: readonly SliceChange[]): void {
    if (changes.length === 0) return;
    const isWaiting = this.#untold.length > 0;
    this.#untold.push(...(this.#hasListed ? [changes] : inTurns(changes)));
    this.#hasListed ||= changes.some(({ kind }) => kind === 'replaced');
    if (!isWaiting) this.#tellNext();
  }

  #tellNext(): void {
    const [changes] = this.#untold;
    if (changes === undefined) return;
    this.#options.onChanges(changes);
    // Told meanwhile to begin anew: nothing of this is left.
    if (this.#untold[0] !== changes) return;
    if (this.#untold.length > 1) setImmediate(() => this.#tellNext());
    this.#untold.shift();
  }

  #sayBroken(events: readonly ReflectorEvent<unknown>[], what: string): void {
    const { cluster, logger } = this.#options;
    for (const event of events) {
      if (event.type !== 'disconnected' || event.error === undefined) continue;
      logger?.warn({ cluster: cluster.name, error: event.error }, `${what} can't be seen`);
    }
  }
}

function changeOf(event: ReflectorEvent<EndpointSliceRecord>): SliceChange[] {
  switch (event.type) {
    case 'replaced':
      return [{ kind: 'replaced', slices: Object.fromEntries(event.items), resourceVersion: event.resourceVersion }];
    case 'upserted':
      return [{ kind: 'upserted', key: event.key, slice: event.item, resourceVersion: event.resourceVersion }];
    case 'removed':
      return [{ kind: 'removed', key: event.key, resourceVersion: event.resourceVersion }];
    case 'connected':
      return [{ kind: 'connected' }];
    case 'disconnected':
      return [{ kind: 'disconnected', reason: event.error?.message ?? 'unknown' }];
    case 'bookmark':
      return [];
  }
}
