/** How a release goes from cluster to cluster; the words are Open Cluster Management's. Times in milliseconds. */
export interface ReleasePolicy {
  /** Soak: how long a cluster must stay rolled out and published before the next one starts. */
  readonly minSuccessTimeMs: number;
  /** Until a cluster's rollout must be done; always finite. */
  readonly progressDeadlineMs: number;
  /** Until a ready pod must serve at every worker of every gateway instance. */
  readonly publishDeadlineMs: number;
  /** Failed clusters that do not stop the release. */
  readonly maxFailures: number;
  /** Clusters at the same time; never two of one IDC. */
  readonly maxConcurrency: number;
}

/** What a release's author must say; the rest has defaults. */
export type ReleasePolicyInput = Pick<ReleasePolicy, 'progressDeadlineMs'> & Partial<ReleasePolicy>;

/** `minSuccessTimeMs` 60,000, `publishDeadlineMs` 10,000, `maxFailures` 0, `maxConcurrency` 1. */
export const defaultPolicy: Omit<ReleasePolicy, 'progressDeadlineMs'> = {
  minSuccessTimeMs: 60_000,
  publishDeadlineMs: 10_000,
  maxFailures: 0,
  maxConcurrency: 1,
};

/** For tests of tests only: each rule that is off must make some test fail. */
export interface ReleaseRules {
  /** The next cluster starts only when the one before is rolled out, published and soaked. */
  readonly publishBeforeNext: boolean;
  /** A rollout is paused when a ready pod is not published in time. */
  readonly gate: boolean;
}

export const allRules: ReleaseRules = { publishBeforeNext: true, gate: true };

/** How often a rolling cluster is looked at. */
export function pollMsOf(minReadyMs: number): number {
  return Math.min(500, Math.max(200, Math.round(minReadyMs / 20)));
}

/**
 * How long a ready pod may be unpublished before its rollout is paused. The controller counts `minReadySeconds` from a
 * time that is cut to whole seconds, so it may take the next old pod up to a second early; a look comes up to one poll
 * late, and the pause itself takes time. All of this is kept free.
 */
export function gateGraceMs(publishDeadlineMs: number, minReadyMs: number): number {
  const reserveMs = 1100 + 2 * pollMsOf(minReadyMs);
  return Math.min(publishDeadlineMs, Math.max(500, minReadyMs - reserveMs));
}
