import type { ClusterState, ReleaseEffect, ReleaseState } from './state.js';

/** Something is under way in it. */
export function isBusy({ phase }: ClusterState): boolean {
  return !['waiting', 'succeeded', 'failed', 'untouched'].includes(phase);
}

export function isOver({ phase }: ClusterState): boolean {
  return ['succeeded', 'failed'].includes(phase);
}

/**
 * Starts clusters in order, as many as the policy allows and never two of one IDC. More failures than it allows, or an
 * abort, start nothing more. A cluster is never overtaken by a later one.
 */
export function beginNext(
  former: ReleaseState,
  now: number,
): { readonly state: ReleaseState; readonly effects: readonly ReleaseEffect[] } {
  const { policy, rules, app, version } = former;
  const clusters = [...former.clusters];
  const effects: ReleaseEffect[] = [];
  for (const [index, next] of clusters.entries()) {
    const failures = clusters.filter(({ phase }) => phase === 'failed' || phase === 'concluding').length;
    if (former.aborted || failures > policy.maxFailures) break;
    if (next.phase !== 'waiting') continue;
    const holding = clusters.filter((cluster) =>
      rules.publishBeforeNext ? isBusy(cluster) : cluster.phase === 'applying',
    );
    if (holding.length >= policy.maxConcurrency || holding.some(({ idc }) => idc === next.idc)) break;
    clusters[index] = { ...next, phase: 'applying', since: now };
    const { cluster } = next;
    effects.push({
      type: 'tell',
      event: { type: 'applying', cluster, message: `${cluster}: applying ${app} ${version}` },
    });
    effects.push({ type: 'apply', cluster });
  }
  return { state: { ...former, clusters }, effects };
}
