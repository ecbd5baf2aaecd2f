import { isServing, type Member, type Server } from '../members/index.js';
import type { Chronicle } from './chronicle.js';
import type { SyncConflict } from './conflicts/index.js';
import {
  groupOfHold,
  type Hold,
  type InstanceState,
  type Nodes,
  type OperatorWord,
  type PlacedUpstream,
  type PodProof,
  shardEntries,
  type SyncPhase,
  type SyncState,
  type UpstreamState,
} from './core/index.js';
import { addressOf } from './tell.js';

/** How one cluster's syncer stands, as plain data. Durations in milliseconds. */
export interface SyncStatus {
  readonly cluster: string;
  /** `k8s.{idc}.{cluster}`. */
  readonly source: string;
  /** Names this process to the Lease and the gateways. */
  readonly writer: string;
  readonly phase: SyncPhase;
  readonly phaseForMs: number;
  /** What led to the phase. */
  readonly phaseReason: string;
  /** Null while no operator has frozen the cluster. */
  readonly frozenByOperator: ({ readonly forMs: number } & OperatorWord) | null;
  /** Null while the cluster has all of its traffic; `percent` null: its order can't be read, so what the gateways have stays. */
  readonly traffic: ({ readonly percent: number | null; readonly forMs: number } & OperatorWord) | null;
  readonly leader: boolean;
  /** Null while this process does not lead. */
  readonly epoch: number | null;
  /** Since the last good heartbeat; null before the first. */
  readonly heartbeatAgeMs: number | null;
  readonly nodes: SyncNodesStatus;
  readonly gateways: readonly SyncGatewayStatus[];
  /** By name. */
  readonly upstreams: readonly SyncUpstreamStatus[];
  readonly holds: readonly SyncHoldStatus[];
  /** As far as they were looked for; a leader alone looks. */
  readonly conflicts: readonly SyncConflict[];
}

/** The cluster's nodes as the syncer knows them. */
export interface SyncNodesStatus {
  /** `unseen`: it may not see them, or is limited to a namespace; its guard `nodes` is off. `awaited`: they are yet to be listed. */
  readonly sight: Nodes['sight'];
  readonly known: number;
  /** Names of those that turned not ready together. */
  readonly lost: readonly string[];
}

/** One gateway instance as the syncer knows it. */
export interface SyncGatewayStatus {
  readonly gateway: string;
  /** `claimed` once the source is ours and its servers are read. */
  readonly stage: InstanceState['stage'];
  readonly storeId: string;
  /** The revision that every worker has. */
  readonly applied: number;
  /** The revision that is asked for; null when nothing is. */
  readonly awaited: number | null;
  /** Workers that had not applied it when they were asked last. */
  readonly lagging: readonly string[];
  /** Upstreams with changes that not every worker has confirmed. */
  readonly unconfirmed: number;
  /** What it did not do when it was asked last; null when it did all. */
  readonly lastError: { readonly ageMs: number; readonly message: string } | null;
}

export interface SyncUpstreamStatus {
  readonly upstream: string;
  readonly members: number;
  readonly ready: number;
  /** Servers that a guard holds. */
  readonly held: number;
  readonly gateways: readonly {
    readonly gateway: string;
    /** Servers that serve. */
    readonly up: number;
    readonly drain: number;
    /** Servers that are down, or up with weight 0. */
    readonly down: number;
    readonly writing: boolean;
    /** Changes that not every worker has confirmed. */
    readonly unconfirmed: number;
    readonly lastError: string | null;
  }[];
}

/** Servers that a guard keeps, though nothing says that they are wanted any more. */
export interface SyncHoldStatus {
  readonly upstream: string;
  readonly color: string;
  /** Service chain, empty for none. */
  readonly sc: string;
  readonly guard: Hold['guard'];
  readonly forMs: number;
  readonly servers: readonly {
    /** `ip:port`. */
    readonly address: string;
    /** `namespace/name`; null where no slice ever had it. */
    readonly pod: string | null;
    /** Why it is not added, of the guard `port`; else null. */
    readonly doubt: string | null;
    /** What the last look at the cluster said of the pod; null before the first. */
    readonly proof: PodProof | null;
  }[];
}

/** The state as an operator reads it. */
export function statusOf(
  state: SyncState,
  chronicle: Chronicle,
  now: number,
  conflicts: readonly SyncConflict[] = [],
): SyncStatus {
  const { config, health, epoch } = state;
  const { phase, freeze, traffic } = chronicle;
  const entries = shardEntries(state.upstreams).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    cluster: config.cluster,
    source: config.source,
    writer: config.writer,
    phase: health.phase,
    phaseForMs: now - phase.since,
    phaseReason: phase.reason,
    frozenByOperator: health.frozenByOperator ? (aged(freeze, now) ?? { forMs: 0 }) : null,
    traffic: state.traffic === null ? null : (aged(traffic, now) ?? { ...state.traffic, forMs: 0 }),
    leader: epoch !== null,
    epoch,
    heartbeatAgeMs: health.heartbeatAt === null ? null : now - health.heartbeatAt,
    nodes: {
      sight: state.nodes.sight,
      known: Object.keys(state.nodes.known).length,
      lost: Object.keys(state.nodes.lost).sort(),
    },
    gateways: Object.entries(state.instances).map(([gateway, instance]) =>
      gatewayOf(gateway, instance, chronicle.failures[gateway] ?? {}, now),
    ),
    upstreams: entries.map(([name, upstream]) => upstreamStatusOf(name, upstream)),
    holds: entries.flatMap(([name, upstream]) => holdsOf(name, upstream, now)),
    conflicts,
  };
}

function aged<T extends { readonly since: number }>(order: T | null, now: number) {
  if (order === null) return null;
  const { since, ...rest } = order;
  return { forMs: now - since, ...rest };
}

function gatewayOf(
  gateway: string,
  { stage, storeId, applied, confirm, lagging, unconfirmed }: InstanceState,
  failures: Chronicle['failures'][string],
  now: number,
): SyncGatewayStatus {
  const [last] = Object.values(failures).sort((a, b) => b.at - a.at);
  return {
    gateway,
    stage,
    storeId,
    applied,
    awaited: confirm?.revision ?? null,
    lagging,
    unconfirmed: unconfirmed.length,
    lastError: last === undefined ? null : { ageMs: now - last.at, message: last.message },
  };
}

function upstreamStatusOf(upstream: string, { members, placed, holds }: UpstreamState): SyncUpstreamStatus {
  const known = Object.values(members);
  return {
    upstream,
    members: known.length,
    ready: known.filter(({ ready }) => ready).length,
    held: new Set(Object.values(holds).flatMap(({ servers }) => servers)).size,
    gateways: Object.entries(placed).map(([gateway, one]) => ({ gateway, ...placedOf(one) })),
  };
}

function placedOf({ servers, inFlight, unconfirmed, lastError }: PlacedUpstream) {
  const count = (of: (server: Server) => boolean): number => servers.filter(of).length;
  return {
    up: count(isServing),
    drain: count(({ state }) => state === 'drain'),
    down: count((server) => server.state !== 'drain' && !isServing(server)),
    writing: inFlight !== null,
    unconfirmed: unconfirmed.length,
    lastError,
  };
}

function holdsOf(name: string, upstream: UpstreamState, now: number): SyncHoldStatus[] {
  return Object.entries(upstream.holds).map(([key, { guard, servers, since }]) => {
    const [color = '', sc = ''] = groupOfHold(key).split('/');
    return {
      upstream: name,
      color,
      sc,
      guard,
      forMs: now - since,
      servers: servers.map((key) => {
        const member = memberOf(upstream, key);
        const pod = member === null ? null : `${member.namespace}/${member.pod}`;
        const doubt = guard === 'port' ? (member?.doubt ?? null) : null;
        return { address: addressOf(key), pod, doubt, proof: upstream.proofs[key] ?? null };
      }),
    };
  });
}

/** The member of a server's key, also one that no slice has any more. */
export function memberOf({ members, absent }: UpstreamState, key: string): Member | null {
  return members[key] ?? absent[key]?.member ?? null;
}
