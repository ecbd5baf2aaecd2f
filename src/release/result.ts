import type { ReleaseFailure, ReleaseState } from './state.js';

export interface ClusterResult {
  readonly cluster: string;
  readonly idc: string;
  /** `untouched`: the release never came to it, so it got no write. */
  readonly outcome: 'succeeded' | 'failed' | 'untouched';
  /** Number of the stored release. */
  readonly revision?: number | undefined;
  readonly templateHash?: string | undefined;
  readonly failure?: ReleaseFailure | undefined;
}

export interface ReleaseResult {
  readonly app: string;
  readonly version: string;
  /** In the order of the plan. */
  readonly clusters: readonly ClusterResult[];
}

/** The result of a state that has ended. */
export function resultOf({ app, version, clusters }: ReleaseState): ReleaseResult {
  return {
    app,
    version,
    clusters: clusters.map(({ cluster, idc, phase, revision, templateHash, failure }): ClusterResult => ({
      cluster,
      idc,
      outcome: phase === 'succeeded' || phase === 'failed' ? phase : 'untouched',
      ...(revision === undefined ? {} : { revision }),
      ...(templateHash === undefined ? {} : { templateHash }),
      ...(failure === undefined ? {} : { failure }),
    })),
  };
}
