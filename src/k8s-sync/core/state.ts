import type { EndpointSliceRecord, Member, NodeRecord, Server } from '../../members/index.js';
import type { SyncConfig } from './config.js';
import { emptyShards, type Shards } from './shards.js';

/** How well a cluster is seen. Only `live` may remove; every state may add what it has seen. */
export type SyncPhase = 'syncing' | 'live' | 'suspect' | 'frozen' | 'expired';

/** What a consistent look at the cluster said of the pod behind a server. */
export type PodProof = 'gone' | 'terminating' | 'finished' | 'alive';

export interface Health {
  readonly phase: SyncPhase;
  /** Time of the last good heartbeat; null before the first. */
  readonly heartbeatAt: number | null;
  /** Resource version of the last good heartbeat: a lower one means that etcd was restored. */
  readonly heartbeatVersion: string;
  /** The watch is open. */
  readonly watching: boolean;
  /** A complete list came since the watch broke last. */
  readonly listed: boolean;
  /** The last list was older than what was seen before: there is no sight until one comes that is not. */
  readonly listWasOld: boolean;
  /** Time of the last complete list; null before the first. */
  readonly listedAt: number | null;
  /** Heartbeats to come until a watch that was taken up again, without a list, has surely told what was missed. */
  readonly catchUp: number;
  /** The greatest resource version that a list or an event of the slices had. */
  readonly seenVersion: string;
  /** What that was at the last heartbeat: the next one is sent after it, and can't be older. */
  readonly vouchedVersion: string;
  /** An operator has frozen the cluster. */
  readonly frozenByOperator: boolean;
}

export interface InstanceState {
  /** `claimed` once the source is ours and its servers are read. */
  readonly stage: 'idle' | 'claiming' | 'reading' | 'claimed' | 'fenced';
  readonly storeId: string;
  /** Part of the generations behind the epoch. */
  readonly sequence: number;
  readonly attempt: number;
  /** Looks that were ever asked for: each has its number. */
  readonly looks: number;
  /** The look at all upstreams whose answer is awaited. */
  readonly look: number | null;
  /** The highest revision asked to be confirmed, and whether an answer is awaited. */
  readonly confirm: { readonly revision: number; readonly asking: boolean; readonly attempt: number } | null;
  /** Revision that every worker has. */
  readonly applied: number;
  readonly lagging: readonly string[];
  /** Upstreams with changes that are written and not yet confirmed. */
  readonly unconfirmed: readonly string[];
}

/** One upstream at one gateway instance. */
export interface PlacedUpstream {
  /** What the gateway has of our source, as it said. */
  readonly servers: readonly Server[];
  /** The write under way: one at a time, the next carries the newest. */
  readonly inFlight: {
    readonly generation: string;
    readonly servers: readonly Server[];
    readonly changedAt: number | null;
    readonly forced: boolean;
  } | null;
  /** The outcome of a write is not known: read before the next one. */
  readonly uncertain: boolean;
  /** A write whose outcome nobody knew may arrive yet: the next one, needed or not, overtakes it. */
  readonly unsettled: boolean;
  /** The look at this upstream whose answer is awaited. */
  readonly look: number | null;
  /** Looks with a number up to this may have come before our last write. */
  readonly staleLooks: number;
  /** Not before this time; 0 for at once. */
  readonly retryAt: number;
  readonly attempt: number;
  /** When a member's change came that no write has taken up yet. */
  readonly changedAt: number | null;
  /** Changes that are there and that not every worker has confirmed yet; `since` is -1 for those that were only found. */
  readonly unconfirmed: readonly {
    readonly revision: number;
    readonly since: number;
    /** Keys of the servers that it drained. */
    readonly drained: readonly string[];
  }[];
  /** When each drain was confirmed by every worker, by server key. */
  readonly drainedAt: Readonly<Record<string, number>>;
  /** The gateway's own guard refused a removal: it waits for proof, or until the guard's window has passed. */
  readonly refused: { readonly guard: 'empty' | 'shrink'; readonly at: number } | null;
  readonly lastError: string | null;
}

/** What is known of the cluster's nodes. */
export interface Nodes {
  /** `unseen`: they may not be seen, or nobody watches them, and nothing is held because of them. */
  readonly sight: 'unseen' | 'awaited' | 'seen';
  readonly awaitedSince: number;
  /** By name. */
  readonly known: Readonly<Record<string, NodeRecord>>;
  /** Those that turned not ready together, by name. */
  readonly lost: Readonly<Record<string, true>>;
}

/** What may hold a change: see docs/k8s-sync.md. */
export type GuardName = 'empty' | 'shrink' | 'nodes' | 'port';

/** A removal that waits for proof or an operator's word; of the guard `port`, servers that are not added without it. */
export interface Hold {
  readonly guard: GuardName;
  /** Keys of the servers that would go. */
  readonly servers: readonly string[];
  readonly since: number;
}

export interface UpstreamState {
  /** By server key. */
  readonly members: Readonly<Record<string, Member>>;
  /** Servers that a gateway has and no slice, since when; with the member that was last seen, or null when none ever was. */
  readonly absent: Readonly<Record<string, { readonly since: number; readonly member: Member | null }>>;
  readonly placed: Readonly<Record<string, PlacedUpstream>>;
  /** By group (color and service chain); what the guard `port` withholds has a key of its own. */
  readonly holds: Readonly<Record<string, Hold>>;
  readonly proofs: Readonly<Record<string, PodProof>>;
  /** Services that were gone at a consistent look, by `namespace/name`. */
  readonly servicesGone: readonly string[];
  readonly proofAsked: boolean;
  /** What was asked for was looked up, perhaps, before etcd was restored: its answer counts for nothing. */
  readonly proofOutdated: boolean;
  readonly proofAttempt: number;
  /** Servers whose removal nobody proved, within the window, by key. */
  readonly losses: Readonly<Record<string, { readonly group: string; readonly at: number }>>;
  /** Servers that an operator lets in though their port contradicts the conventions, by key, while they are members. */
  readonly admitted: Readonly<Record<string, { readonly reason: string; readonly actor: string }>>;
  /** Servers that an operator lets go, by key: those that a guard held when the word came, until they are gone or ready. */
  readonly overridden: Readonly<Record<string, { readonly reason: string; readonly actor: string }>>;
}

/** An operator's order on the cluster's traffic. */
export interface TrafficOrder {
  /** 0: all is drained. Null: which order stands can't be read, so what the gateways have stays. */
  readonly percent: number | null;
  readonly reason: string;
  readonly actor: string;
}

/** All that one cluster's syncer knows. Plain data: serializable, never changed in place. */
export interface SyncState {
  readonly config: SyncConfig;
  readonly health: Health;
  /** Null while another process leads. */
  readonly epoch: number | null;
  readonly slices: Shards<EndpointSliceRecord>;
  /** Keys of the slices that an upstream stands in. */
  readonly slicesOf: Shards<readonly string[]>;
  /** Keys of the slices that an address (`ip:port`) stands in. */
  readonly slicesAt: Shards<readonly string[]>;
  readonly nodes: Nodes;
  /** Null: all of it, no order stands. */
  readonly traffic: TrafficOrder | null;
  readonly upstreams: Shards<UpstreamState>;
  readonly instances: Readonly<Record<string, InstanceState>>;
}

export const idleInstance: InstanceState = {
  stage: 'idle',
  storeId: '',
  sequence: 0,
  attempt: 0,
  looks: 0,
  look: null,
  confirm: null,
  applied: 0,
  lagging: [],
  unconfirmed: [],
};

export const emptyPlaced: PlacedUpstream = {
  servers: [],
  inFlight: null,
  uncertain: false,
  unsettled: false,
  look: null,
  staleLooks: 0,
  retryAt: 0,
  attempt: 0,
  changedAt: null,
  unconfirmed: [],
  drainedAt: {},
  refused: null,
  lastError: null,
};

export const emptyUpstream: UpstreamState = {
  members: {},
  absent: {},
  placed: {},
  holds: {},
  proofs: {},
  servicesGone: [],
  proofAsked: false,
  proofOutdated: false,
  proofAttempt: 0,
  losses: {},
  admitted: {},
  overridden: {},
};

/** The state before anything was seen. */
export function initialState(config: SyncConfig): SyncState {
  return {
    config,
    health: {
      phase: 'syncing',
      heartbeatAt: null,
      heartbeatVersion: '',
      watching: false,
      listed: false,
      listedAt: null,
      catchUp: 0,
      listWasOld: false,
      seenVersion: '',
      vouchedVersion: '',
      frozenByOperator: false,
    },
    epoch: null,
    slices: emptyShards(),
    slicesOf: emptyShards(),
    slicesAt: emptyShards(),
    nodes: { sight: 'unseen', awaitedSince: 0, known: {}, lost: {} },
    traffic: null,
    upstreams: emptyShards(),
    instances: Object.fromEntries(config.gateways.map((name) => [name, idleInstance])),
  };
}
