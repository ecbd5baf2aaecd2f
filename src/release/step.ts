import { beginNext, isBusy, isOver } from './order.js';
import { afterBlindLook, afterLook } from './look-step.js';
import type { ClusterState, ReleaseEffect, ReleaseFailure, ReleaseInput, ReleaseState } from './state.js';
import { concluding, tell, type Turn } from './turn.js';

export interface ReleaseStep {
  readonly state: ReleaseState;
  readonly effects: readonly ReleaseEffect[];
}

/**
 * The whole release as one pure function: no clock, no I/O. `now` is in milliseconds of any clock that only goes forward.
 * An answer that comes when its cluster is elsewhere already is dropped.
 */
export function stepRelease(state: ReleaseState, input: ReleaseInput, now: number): ReleaseStep {
  if (state.ended) return { state, effects: [] };
  if (input.type === 'start') return settled(state, [], now);
  if (input.type === 'aborted') return aborted(state, now);
  const former = state.clusters.find(({ cluster }) => cluster === input.cluster);
  if (former === undefined) return { state, effects: [] };
  const { cluster, effects } = clusterStep(state, former, input, now);
  const clusters = state.clusters.map((one) => (one === former ? cluster : one));
  return settled({ ...state, clusters }, effects, now);
}

type ClusterInput = Exclude<ReleaseInput, { readonly type: 'start' | 'aborted' }>;

function clusterStep(state: ReleaseState, cluster: ClusterState, input: ClusterInput, now: number): Turn {
  const { phase } = cluster;
  switch (input.type) {
    case 'applied':
      if (phase !== 'applying') break;
      return state.aborted ? concluding(cluster, abortFailure(cluster), now) : rolling(cluster, input.revision, now);
    case 'apply-failed':
      if (phase !== 'applying') break;
      return concluding(cluster, input.failure, now, { pause: input.rolling });
    case 'seen':
      return afterLook(state, cluster, input.sight, now);
    case 'blind':
      return afterBlindLook(state, cluster, input.message, now);
    case 'finished':
      if (phase !== 'finishing') break;
      return {
        cluster: { ...cluster, phase: 'succeeded', since: now },
        effects: [tell('succeeded', cluster, `${state.app} ${state.version} is released`)],
      };
    case 'finish-failed':
      if (phase !== 'finishing') break;
      return concluding(cluster, input.failure, now, { pause: false });
    case 'concluded':
      if (phase !== 'concluding') break;
      return {
        cluster: { ...cluster, phase: 'failed', since: now, failure: input.failure },
        effects: [tell('failed', cluster, input.failure.message.split('\n')[0] ?? '')],
      };
  }
  return { cluster, effects: [] };
}

function rolling(cluster: ClusterState, revision: number, now: number): Turn {
  return {
    cluster: { ...cluster, phase: 'rolling', since: now, revision },
    effects: [
      tell('applied', cluster, `applied as release ${revision}`),
      { type: 'look', cluster: cluster.cluster, afterMs: 0 },
    ],
  };
}

function abortFailure({ cluster }: ClusterState): ReleaseFailure {
  return {
    code: 'RELEASE_ABORTED',
    message: `${cluster}: the release was aborted`,
    hint: 'release again, or roll back: a rollout that was on its way is paused',
  };
}

/** Whoever is on the way stops where it is; a cluster that is being written to answers first. */
function aborted(former: ReleaseState, now: number): ReleaseStep {
  if (former.aborted) return { state: former, effects: [] };
  const turns = former.clusters.map((cluster): Turn => {
    const stops = ['rolling', 'publishing', 'soaking'].includes(cluster.phase);
    return stops ? concluding(cluster, abortFailure(cluster), now) : { cluster, effects: [] };
  });
  const state = { ...former, aborted: true, clusters: turns.map(({ cluster }) => cluster) };
  return settled(
    state,
    turns.flatMap(({ effects }) => effects),
    now,
  );
}

/** Starts what may start now, and ends the release when nothing is left to do. */
function settled(former: ReleaseState, effects: readonly ReleaseEffect[], now: number): ReleaseStep {
  const started = beginNext(former, now);
  const all = [...effects, ...started.effects];
  const { state } = started;
  if (state.clusters.some(isBusy)) return { state, effects: all };
  const clusters = state.clusters.map((cluster): ClusterState =>
    isOver(cluster) ? cluster : { ...cluster, phase: 'untouched', since: now },
  );
  const untouched = clusters.filter(({ phase }) => phase === 'untouched');
  return {
    state: { ...state, clusters, ended: true },
    effects: [...all, ...untouched.map((cluster) => tell('untouched', cluster, 'untouched')), { type: 'end' }],
  };
}
