import { type GatedPod, gateAfter, nextDueMs, overduePods } from './gate.js';
import { gateGraceMs, pollMsOf } from './policy.js';
import type { ClusterState, ReleaseEffect, ReleaseFailure, ReleaseState, Sight } from './state.js';
import { concluding, tell, type Turn } from './turn.js';

const publishPollMs = 200;
const soakPollMs = 1000;
/** How often a soak may begin anew. */
const mostLosses = 3;

const isLooking = ({ phase }: ClusterState): boolean => ['rolling', 'publishing', 'soaking'].includes(phase);

/** What follows from a look at a cluster. */
export function afterLook(state: ReleaseState, former: ClusterState, sight: Sight, now: number): Turn {
  if (!isLooking(former)) return { cluster: former, effects: [] };
  const { rollout, published } = sight;
  const gate = published === undefined ? {} : gateAfter(former.gate, published, now);
  const reason = rollout.done ? (published?.reasons[0] ?? '') : '';
  const cluster: ClusterState = {
    ...former,
    gate,
    lastSeen: reason === '' ? rollout.text : `${rollout.text}; ${reason}`,
    templateHash: rollout.templateHash ?? former.templateHash,
  };
  if (rollout.superseded) return concluding(cluster, superseded(cluster), now, { pause: false });
  if (rollout.paused) return concluding(cluster, pausedByOthers(cluster), now, { pause: false });
  if (cluster.phase === 'rolling') return rollingTurn(state, former, cluster, sight, now);
  if (!rollout.done) return lost(state, cluster, 'rolling', now);
  if (published?.published !== true) return unpublishedTurn(state, cluster, published?.reasons ?? [], now);
  return publishedTurn(state, cluster, now);
}

/** What follows from a look that saw nothing. */
export function afterBlindLook(state: ReleaseState, former: ClusterState, message: string, now: number): Turn {
  if (!isLooking(former)) return { cluster: former, effects: [] };
  const cluster = { ...former, lastSeen: message };
  if (cluster.phase === 'rolling')
    return deadlineTurn(state, cluster, now) ?? look(cluster, pollMsOf(cluster.minReadyMs));
  return unpublishedTurn(state, cluster, [message], now);
}

function look(cluster: ClusterState, afterMs: number, ...effects: readonly ReleaseEffect[]): Turn {
  return { cluster, effects: [...effects, { type: 'look', cluster: cluster.cluster, afterMs }] };
}

function rollingTurn(
  state: ReleaseState,
  former: ClusterState,
  cluster: ClusterState,
  { rollout }: Sight,
  now: number,
): Turn {
  const graceMs = gateGraceMs(state.policy.publishDeadlineMs, cluster.minReadyMs);
  const overdue = state.rules.gate ? overduePods(cluster.gate, graceMs, now) : [];
  if (overdue.length > 0) return concluding(cluster, notPublished(state, cluster, overdue), now);
  if (rollout.done) {
    const next: ClusterState = { ...cluster, phase: 'publishing', since: now };
    return look(next, 0, tell('rolled-out', cluster, `rolled out: ${rollout.text}`));
  }
  const late = deadlineTurn(state, cluster, now, rollout.stalled);
  if (late !== undefined) return late;
  const dueMs = state.rules.gate ? nextDueMs(cluster.gate, graceMs, now) : undefined;
  const afterMs = Math.min(pollMsOf(cluster.minReadyMs), dueMs ?? Number.POSITIVE_INFINITY);
  const changed = former.lastSeen !== cluster.lastSeen;
  return look(cluster, afterMs, ...(changed ? [tell('rolling', cluster, cluster.lastSeen)] : []));
}

/** Undefined while there is time. */
function deadlineTurn(state: ReleaseState, cluster: ClusterState, now: number, stalled?: string): Turn | undefined {
  const { progressDeadlineMs } = state.policy;
  const isLate = now - cluster.since >= progressDeadlineMs;
  if (!isLate && stalled === undefined) return undefined;
  const why = isLate
    ? `after ${progressDeadlineMs} ms`
    : `by the Deployment's own progress deadline (${stalled ?? ''})`;
  const failure: ReleaseFailure = {
    code: 'RELEASE_PROGRESS_DEADLINE',
    message: `${cluster.cluster}: ${state.app} ${state.version} is not rolled out ${why}: ${cluster.lastSeen}`,
    hint: 'the pods of the former version go on serving; the rollout is paused: roll back, or release a version that starts',
  };
  return concluding(cluster, failure, now, { pause: true, diagnose: true });
}

function unpublishedTurn(state: ReleaseState, cluster: ClusterState, reasons: readonly string[], now: number): Turn {
  const { publishDeadlineMs } = state.policy;
  if (!state.rules.publishBeforeNext) return finishing(cluster, now);
  if (cluster.phase === 'soaking') return lost(state, cluster, 'publishing', now, reasons);
  if (now - cluster.since < publishDeadlineMs) return look(cluster, publishPollMs);
  return concluding(cluster, staysUnpublished(state, cluster, reasons), now, { pause: false });
}

function publishedTurn(state: ReleaseState, cluster: ClusterState, now: number): Turn {
  const { minSuccessTimeMs } = state.policy;
  if (!state.rules.publishBeforeNext) return finishing(cluster, now);
  if (cluster.phase === 'publishing') {
    const message = `published at every worker; soaking for ${minSuccessTimeMs} ms`;
    const next: ClusterState = { ...cluster, phase: 'soaking', since: now };
    return look(next, Math.min(soakPollMs, minSuccessTimeMs), tell('published', cluster, message));
  }
  const leftMs = cluster.since + minSuccessTimeMs - now;
  return leftMs > 0 ? look(cluster, Math.min(soakPollMs, leftMs)) : finishing(cluster, now);
}

function finishing(cluster: ClusterState, now: number): Turn {
  return {
    cluster: { ...cluster, phase: 'finishing', since: now },
    effects: [{ type: 'finish', cluster: cluster.cluster }],
  };
}

/** What was reached is gone again: back to where it must be reached anew. */
function lost(
  state: ReleaseState,
  former: ClusterState,
  phase: 'rolling' | 'publishing',
  now: number,
  reasons: readonly string[] = [],
): Turn {
  const cluster: ClusterState = { ...former, phase, since: now, losses: former.losses + 1 };
  if (cluster.losses > mostLosses) {
    return concluding(
      cluster,
      staysUnpublished(state, cluster, reasons.length === 0 ? [cluster.lastSeen] : reasons),
      now,
    );
  }
  return look(cluster, publishPollMs, tell('unpublished', cluster, `no longer as it should be: ${cluster.lastSeen}`));
}

const notPublishedHint =
  "look at the cluster's syncer and the gateway instances named here; then release again or roll back";

function notPublished(
  { app, version }: ReleaseState,
  { cluster }: ClusterState,
  overdue: readonly GatedPod[],
): ReleaseFailure {
  const lines = overdue.map(
    ({ pod, uid, address, why }) => `pod ${pod} (${uid}, ${address}) is ready but does not serve ${why}`,
  );
  return {
    code: 'RELEASE_NOT_PUBLISHED',
    message: `${cluster}: ${app} ${version} is held, the old pods go on serving: ${lines.join('\n  ')}`,
    hint: notPublishedHint,
  };
}

function staysUnpublished(
  { app, version, policy }: ReleaseState,
  { cluster, losses }: ClusterState,
  reasons: readonly string[],
): ReleaseFailure {
  const how =
    losses > mostLosses
      ? `was published and lost ${losses} times`
      : `is rolled out, but not published after ${policy.publishDeadlineMs} ms`;
  return {
    code: 'RELEASE_NOT_PUBLISHED',
    message: `${cluster}: ${app} ${version} ${how}: ${reasons.slice(0, 10).join('\n  ')}`,
    hint: notPublishedHint,
  };
}

function superseded({ cluster }: ClusterState): ReleaseFailure {
  return {
    code: 'RELEASE_SUPERSEDED',
    message: `${cluster}: the Deployment's pod template was changed while this release ran`,
    hint: 'another release or a person changed it; see its managedFields',
  };
}

function pausedByOthers({ cluster }: ClusterState): ReleaseFailure {
  return {
    code: 'RELEASE_PAUSED',
    message: `${cluster}: the rollout was paused by someone else`,
    hint: 'resume it with "kubectl rollout resume", then release again',
  };
}
