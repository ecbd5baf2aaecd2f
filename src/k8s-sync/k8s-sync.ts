import type { Conventions } from '../conventions/index.js';
import type { AddressConflict, Gateway } from '../gateways/index.js';
import type { Clock, KubeClient } from '../kube/index.js';
import type { GuardName, OperatorWord, SyncGuards, SyncPhase, SyncRules, SyncTimings } from './core/index.js';
import type { Explanation } from './explain.js';
import type { InitialLists } from './initial-lists.js';
import type { JournalWriter } from './journal.js';
import type { SyncMetrics } from './metrics.js';
import type { SyncPlan } from './plan.js';
import type { SyncStatus } from './status.js';
import type { TrafficChange } from './traffic.js';

/** A pino-shaped logger; silent when none is given. */
export interface SyncLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface K8sSyncOptions {
  /** The cluster to read; its name is part of the source's. */
  readonly cluster: KubeClient;
  /** The cluster's IDC: the source is `k8s.{idc}.{cluster}`. */
  readonly idc: string;
  /** Every gateway instance to write to. */
  readonly gateways: readonly Gateway[];
  /**
   * The only one whose apps it carries: it asks for nothing beyond it. So it does not see the nodes, and what a guard holds stays until `override` where an
   * earlier syncer has left it and its pod is not in this namespace: it may be in another one. Default: all namespaces.
   */
  readonly namespace?: string;
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
  /** Where the Lease is. Default `default/k8s-sync`. */
  readonly lease?: { readonly namespace: string; readonly name: string };
  /** Names this process; must be unique per start. Default: host name and a random UUID. */
  readonly identity?: string;
  readonly logger?: SyncLogger;
  /** By which heartbeats age, timers fire and the Lease is kept; deadlines of calls are the machine's. Default: the machine's. */
  readonly clock?: Clock;
  /** Gets every event as a line of NDJSON, a snapshot first. */
  readonly journal?: JournalWriter;
  readonly timings?: Partial<SyncTimings>;
  readonly guards?: Partial<SyncGuards>;
  /** Turns for the first list, for syncers that start together in one process. Default: at once. */
  readonly initialLists?: InitialLists;
  /** Between two renewals of the Lease, which are the heartbeat. Default 2,000 ms. */
  readonly renewMs?: number;
  /** For tests of the tests only: see {@link SyncRules}. */
  readonly rules?: Partial<SyncRules>;
}

/** Where a standing order is: in the cluster's Lease, for all, or so far in this process only. */
export interface KeptOrder {
  readonly kept: 'lease' | 'process';
}

/** How much of its traffic a cluster is to have, and who wants it. */
export interface SetTraffic {
  /** 0: all its servers are drained. 1 to 99: each has that share of its weight. 100: takes an order back. A whole number. */
  readonly percent: number;
  readonly actor: string;
  /** Needed below 100. */
  readonly reason?: string;
  /** Also where nobody else in the IDC serves, or a gateway can't be asked. Default false. */
  readonly force?: boolean;
  /** Looks, and changes nothing. Default false. */
  readonly dryRun?: boolean;
}

/** What became of an order on the traffic. */
export interface TrafficSet {
  /** Null after a dry run. */
  readonly kept: 'lease' | null;
  /** What the gateways that could be asked had to change, by a look before. */
  readonly changes: readonly TrafficChange[];
}

/** What a syncer tells while it runs. */
export type SyncNotice =
  | { readonly type: 'phase'; readonly from: SyncPhase; readonly to: SyncPhase; readonly reason: string }
  | { readonly type: 'leading'; readonly epoch: number }
  | { readonly type: 'not-leading' }
  | { readonly type: 'written'; readonly gateway: string; readonly upstream: string; readonly result: string }
  | {
      readonly type: 'guard';
      readonly upstream: string;
      readonly guard: GuardName;
      readonly servers: readonly string[];
    }
  /** Nodes that turned not ready together; none when that has passed. */
  | { readonly type: 'nodes-lost'; readonly nodes: readonly string[]; readonly known: number }
  /** Addresses of this cluster's source that another source has, too; none when that has passed. */
  | {
      readonly type: 'conflict';
      readonly gateway: string;
      readonly upstream: string;
      readonly conflicts: readonly AddressConflict[];
    }
  | { readonly type: 'propagated'; readonly gateway: string; readonly upstream: string; readonly ms: number };

/** One cluster's syncer. */
export interface K8sSync {
  readonly cluster: string;
  /** Begins to watch and to seek the Lease; does not wait for either. Safe to call twice. */
  start(): Promise<void>;
  /** Lets writes under way end (at most 3 s), then gives the Lease back. Safe to call twice. */
  stop(): Promise<void>;
  state(): SyncPhase;
  /** What would be written now, read afresh from the cluster and the gateways; writes nothing. Needs no start. */
  plan(options?: { readonly signal?: AbortSignal }): Promise<SyncPlan>;
  /** How it stands: phase, gateways, upstreams, and what the guards hold. */
  status(): SyncStatus;
  /**
   * Why an address (`10.1.2.3`, `10.1.2.3:8030`), a pod (`trade/trade-core-0` or its name alone) or an upstream
   * (`trade-core.http`) is, or is not, in the gateways. Of what it does not know it names near ones.
   */
  explain(of: string): Explanation;
  metrics(): SyncMetrics;
  /** What happens from now on; end it with `break`, or it ends with `stop`. */
  events(): AsyncIterable<SyncNotice>;
  /** Calls the listener with each propagation time; the answer ends it. */
  onPropagation(listener: (ms: number) => void): () => void;
  /** Lets go the servers of one upstream that the guards hold at this moment; nothing when they hold none. */
  override(upstream: string, word: { readonly reason: string; readonly actor: string }): void;
  /**
   * Nothing is removed until `unfreeze`: here at once, and within a renewal of the Lease by every process of the deployment
   * and whoever leads next, for the Lease keeps it. Where the API server can't be reached it holds in this process, and is
   * written as soon as it can be: the answer says which.
   */
  freeze(word?: OperatorWord): Promise<KeptOrder>;
  /**
   * Takes a freeze back, whoever gave it.
   *
   * @throws YouzanKubeError `ORDERS_NOT_WRITTEN` when the Lease can't be written: then the freeze stays.
   */
  unfreeze(word?: OperatorWord): Promise<KeptOrder>;
  /**
   * Takes the whole cluster out of traffic, to a share of it, or back: a standing order like a freeze, for whoever leads, which
   * needs no pod to change. What comes meanwhile is added drained, or with its share.
   *
   * @throws YouzanKubeError `TRAFFIC_REFUSED` for 0 where nobody else in the IDC serves one of its upstreams, or a gateway
   * can't be asked; `ORDERS_NOT_WRITTEN` when the Lease can't be written; `TRAFFIC_INVALID` for what can't be meant.
   *
   * @example
   * await sync.setTraffic({ percent: 0, actor: 'ann', reason: 'etcd is restored' });
   * await sync.setTraffic({ percent: 100, actor: 'ann' });
   */
  setTraffic(order: SetTraffic): Promise<TrafficSet>;
  /** Reads cluster and gateways anew. */
  resync(word?: OperatorWord): void;
}
