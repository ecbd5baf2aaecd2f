import type { ClusterState, ReleaseEffect, ReleaseEvent, ReleaseEventType, ReleaseFailure } from './state.js';

/** A cluster's next state, and what to do. */
export interface Turn {
  readonly cluster: ClusterState;
  readonly effects: readonly ReleaseEffect[];
}

/** The rollout is held when it may still be on its way. */
export function concluding(
  cluster: ClusterState,
  failure: ReleaseFailure,
  now: number,
  { pause = cluster.phase === 'rolling' || cluster.phase === 'applying', diagnose = false } = {},
): Turn {
  return {
    cluster: { ...cluster, phase: 'concluding', since: now, failure },
    effects: [
      tell('failing', cluster, failure.message),
      { type: 'conclude', cluster: cluster.cluster, failure, pause, diagnose },
    ],
  };
}

export function tell(type: ReleaseEventType, { cluster }: ClusterState, message: string): ReleaseEffect {
  const text = message.startsWith(`${cluster}: `) ? message : `${cluster}: ${message}`;
  const event: ReleaseEvent = { type, cluster, message: text };
  return { type: 'tell', event };
}
