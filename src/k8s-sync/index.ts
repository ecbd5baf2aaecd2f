export type { SyncGuards, SyncPhase, SyncRules, SyncState, SyncTimings } from './core/index.js';
export { createK8sSync } from './create-sync.js';
export { type Explanation } from './explain.js';
export { type JournalWriter, replay } from './journal.js';
export type { K8sSync, K8sSyncOptions, SyncLogger, SyncNotice } from './k8s-sync.js';
export type { SyncMetrics } from './metrics.js';
export type { PlannedChange, SyncPlan } from './plan.js';
