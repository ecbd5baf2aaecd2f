export { diffRelease, type ObjectDifference } from './diff.js';
export { fieldManagers } from './deployment.js';
export { ReleaseError } from './error.js';
export type { Gate as RolloutGate, GatedPod } from './gate.js';
export {
  planRelease,
  type PlanReleaseInput,
  type ReleaseBundle,
  type ReleasePlan,
  type ReleaseTarget,
} from './plan.js';
export { defaultPolicy, type ReleasePolicy, type ReleasePolicyInput, type ReleaseRules } from './policy.js';
export type { ClusterResult, ReleaseResult } from './result.js';
export { planRollback, rollback, type RollbackOptions } from './rollback.js';
export type { RolloutSight } from './rollout.js';
export { runRelease, type RunReleaseOptions } from './run.js';
export { scale, type ScaleOptions } from './scale.js';
export {
  type ClusterPhase,
  type ClusterState,
  initialRelease,
  type ReleaseEffect,
  type ReleaseEvent,
  type ReleaseEventType,
  type ReleaseFailure,
  type ReleaseFailureCode,
  type ReleaseInput,
  type ReleaseState,
  type Sight,
} from './state.js';
export { type ReleaseStep, stepRelease } from './step.js';
export { listReleases, type ListReleasesOptions, type StoredRelease, type StoredStatus } from './store/index.js';
