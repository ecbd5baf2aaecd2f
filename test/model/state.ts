import type { SyncEffect, SyncEvent, SyncState } from '../../src/k8s-sync/core/index.js';
import type { Server } from '../../src/members/index.js';
import type { Told } from './told.js';
import type { Judged } from './judge.js';

/** `moving` stands for an endpoint on its way from slice to slice: its pod is ready, and no slice has it. */
export type Condition = 'planned' | 'unready' | 'ready' | 'moving' | 'terminating' | 'ended' | 'gone';

/** By pod UID. */
export type Conditions = Readonly<Record<string, Condition>>;

/** One write of an app's slice, as a watch tells it. */
export interface Entry {
  readonly version: number;
  readonly app: string;
  /** Undefined: it was deleted. */
  readonly pods: Conditions | undefined;
}

/** What etcd holds. */
export interface Objects {
  readonly version: number;
  readonly pods: Conditions;
  readonly apps: readonly string[];
  /** Epoch that the Lease's annotation has. */
  readonly epoch: number;
}

export interface ClusterState extends Objects {
  /** What it was before its last change: of this a lagging server tells, and to this a backup leads back. */
  readonly before: Objects | null;
  /** A heartbeat's write was undone by a restore, and versions do not tell. */
  readonly lostWrite: boolean;
  /** Process that the Lease names; empty when nobody has it. */
  readonly holder: string;
}

/** A process's watch of the slices. */
export interface Stream {
  readonly state: 'listing' | 'open' | 'broken';
  /** Version up to which it has told. */
  readonly version: number;
  /** What it is yet to tell. */
  readonly queue: readonly Entry[];
}

export interface ProcessState {
  readonly name: string;
  readonly core: SyncState;
  readonly told: Told;
  /** By name: when it is due. The drift timer's time counts for nothing: it may come at any time. */
  readonly timers: Readonly<Record<string, number>>;
  readonly stream: Stream;
  /** `stale`: it believes to lead, and does not any more. */
  readonly lease: 'none' | 'held' | 'stale';
  readonly beats: boolean;
  readonly isPaused: boolean;
  /** Epoch that it had last, and those that it must exceed. */
  readonly epochFloor: number;
  /** Servers whose removal nobody proved, by `gateway key`, and when. */
  readonly losses: Readonly<Record<string, number>>;
}

type EffectOf<T extends SyncEffect['type']> = Extract<SyncEffect, { type: T }>;
export type Write = EffectOf<'write'>;
export type GatewayEffect = EffectOf<'claim' | 'read-sources' | 'read' | 'write' | 'confirm'>;

/** Something that was asked for: on its way, answered, or without anyone who waits for the answer. */
export interface Call {
  readonly process: string;
  readonly ask: GatewayEffect | EffectOf<'prove'>;
  readonly stage: 'sent' | 'answered' | 'orphan';
  readonly answer: SyncEvent | null;
  /** Of a write: what may go by what the process was told when it sent it. */
  readonly judged: Judged | null;
}

/** What a gateway instance has of our source in one upstream. */
export interface EntryState {
  readonly generation: string;
  readonly revision: number;
  readonly servers: readonly Server[];
  /** It was changed since our last write, by somebody else or by a late one of ours. */
  readonly isAltered: boolean;
  /** For its own guards: what served within the window, and until when. */
  readonly past: readonly { readonly count: number; readonly until: number }[];
  /** For the oracle: revision of the last write that made a server serve. */
  readonly lastAdd: number;
  /** By key: the revision at which it was drained, and when every worker had that. */
  readonly drained: Readonly<Record<string, { readonly revision: number; readonly confirmedAt: number | null }>>;
}

export interface Worker {
  readonly applied: number;
  /** By upstream: what it serves. */
  readonly servers: Readonly<Record<string, readonly Server[]>>;
}

export interface InstanceTruth {
  readonly store: number;
  readonly revision: number;
  readonly claim: { readonly generation: string; readonly writer: string } | null;
  readonly entries: Readonly<Record<string, EntryState>>;
  readonly workers: readonly Worker[];
  /** The greatest epoch of which a write was applied. */
  readonly greatestEpoch: number;
}

/** What may yet happen that is not the world's ordinary course. */
export interface Budget {
  readonly faults: number;
  readonly flaps: number;
  readonly moves: number;
  readonly drifts: number;
  readonly takeovers: number;
}

/** Everything there is: one cluster, the processes that sync it, the gateways, and all that is under way between them. */
export interface ModelState {
  readonly now: number;
  readonly cluster: ClusterState;
  readonly processes: Readonly<Record<string, ProcessState>>;
  readonly gateways: Readonly<Record<string, InstanceTruth>>;
  readonly calls: readonly Call[];
  readonly budget: Budget;
}

/** A rule that was broken. */
export class Violation extends Error {
  /** It came in the schedule after all faults had ended. */
  isFair = false;

  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(message);
  }
}
