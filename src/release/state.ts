// The release's state, what happens to it, and what it wants done: plain, serializable data.
import type { Published } from '../publish/index.js';
import type { Gate } from './gate.js';
import type { ReleasePlan } from './plan.js';
import type { ReleasePolicy, ReleaseRules } from './policy.js';
import type { RolloutSight } from './rollout.js';

export type ReleaseFailureCode =
  | 'RELEASE_APPLY_FAILED'
  | 'RELEASE_NOT_PUBLISHED'
  | 'RELEASE_PROGRESS_DEADLINE'
  | 'RELEASE_SUPERSEDED'
  | 'RELEASE_PAUSED'
  | 'RELEASE_FINISH_FAILED'
  | 'RELEASE_ABORTED';

export interface ReleaseFailure {
  readonly code: ReleaseFailureCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * `waiting -> applying -> rolling -> publishing -> soaking -> finishing -> succeeded`; any of the middle ones may go to
 * `concluding -> failed`. `untouched` is a cluster that the release never came to.
 */
export type ClusterPhase =
  | 'waiting'
  | 'applying'
  | 'rolling'
  | 'publishing'
  | 'soaking'
  | 'finishing'
  | 'succeeded'
  | 'concluding'
  | 'failed'
  | 'untouched';

export interface ClusterState {
  readonly cluster: string;
  readonly idc: string;
  readonly minReadyMs: number;
  readonly phase: ClusterPhase;
  /** When the phase began. */
  readonly since: number;
  readonly gate: Gate;
  /** How often it was published and then no longer, within the soak. */
  readonly losses: number;
  /** What was seen last, one sentence. */
  readonly lastSeen: string;
  /** Number of the stored release. */
  readonly revision?: number | undefined;
  readonly templateHash?: string | undefined;
  readonly failure?: ReleaseFailure | undefined;
}

export interface ReleaseState {
  readonly app: string;
  readonly version: string;
  readonly policy: ReleasePolicy;
  readonly rules: ReleaseRules;
  /** In order. */
  readonly clusters: readonly ClusterState[];
  readonly aborted: boolean;
  readonly ended: boolean;
}

/** What one look at a cluster saw. */
export interface Sight {
  readonly rollout: RolloutSight;
  /** Undefined while the template has no ReplicaSet. */
  readonly published?: Published | undefined;
}

/** What happened. Each but `start` and `aborted` is the answer to an effect. */
export type ReleaseInput =
  | { readonly type: 'start' }
  | { readonly type: 'applied'; readonly cluster: string; readonly revision: number }
  /** `rolling`: the Deployment may already have the new template. */
  | {
      readonly type: 'apply-failed';
      readonly cluster: string;
      readonly failure: ReleaseFailure;
      readonly rolling: boolean;
    }
  | { readonly type: 'seen'; readonly cluster: string; readonly sight: Sight }
  /** The cluster could not be looked at. */
  | { readonly type: 'blind'; readonly cluster: string; readonly message: string }
  | { readonly type: 'finished'; readonly cluster: string }
  | { readonly type: 'finish-failed'; readonly cluster: string; readonly failure: ReleaseFailure }
  /** The failure, with what was found out about it. */
  | { readonly type: 'concluded'; readonly cluster: string; readonly failure: ReleaseFailure }
  | { readonly type: 'aborted' };

/** What is to be done. One per cluster at a time. */
export type ReleaseEffect =
  | { readonly type: 'apply'; readonly cluster: string }
  | { readonly type: 'look'; readonly cluster: string; readonly afterMs: number }
  /** Delete what the former bundle had and this one has not, and keep the success. */
  | { readonly type: 'finish'; readonly cluster: string }
  /** Keep the failure; with `pause` hold the rollout first, with `diagnose` find out what its pods say. */
  | {
      readonly type: 'conclude';
      readonly cluster: string;
      readonly failure: ReleaseFailure;
      readonly pause: boolean;
      readonly diagnose: boolean;
    }
  | { readonly type: 'tell'; readonly event: ReleaseEvent }
  | { readonly type: 'end' };

export type ReleaseEventType =
  | 'applying'
  | 'applied'
  | 'rolling'
  | 'rolled-out'
  | 'unpublished'
  | 'published'
  | 'succeeded'
  | 'failing'
  | 'failed'
  | 'untouched';

/** One line of a release's story. */
export interface ReleaseEvent {
  readonly type: ReleaseEventType;
  readonly cluster: string;
  /** One sentence, with the cluster's name. */
  readonly message: string;
}

/** The state before `start`. */
export function initialRelease({ app, version, targets, policy }: ReleasePlan, rules: ReleaseRules): ReleaseState {
  const clusters = targets.map(({ cluster, idc, minReadyMs }): ClusterState => ({
    cluster,
    idc,
    minReadyMs,
    phase: 'waiting',
    since: 0,
    gate: {},
    losses: 0,
    lastSeen: 'nothing yet',
  }));
  return { app, version, policy, rules, clusters, aborted: false, ended: false };
}
