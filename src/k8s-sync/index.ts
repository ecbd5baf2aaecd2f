export type {
  GuardName,
  OperatorWord,
  SyncGuards,
  SyncPhase,
  SyncRules,
  SyncState,
  SyncTimings,
  TrafficOrder,
} from './core/index.js';
export {
  connectSyncControl,
  serveSyncControl,
  type ServeSyncControlOptions,
  type Steered,
  type SteeredTraffic,
  type SyncControl,
  type SyncControlAddress,
  type SyncControlServer,
} from './control/index.js';
export type { SyncConflict } from './conflicts/index.js';
export { createK8sSync } from './create-sync.js';
export { type Explanation } from './explain.js';
export { createInitialLists, type InitialLists, type InitialListsOptions } from './initial-lists.js';
export { type JournalWriter, replay } from './journal.js';
export type { K8sSync, K8sSyncOptions, KeptOrder, SetTraffic, SyncLogger, SyncNotice, TrafficSet } from './k8s-sync.js';
export type { SyncMetrics } from './metrics.js';
export type { PlannedChange, SyncPlan } from './plan.js';
export { type ReplayedStep, replayJournal } from './replay.js';
export {
  type AdoptedAtGateway,
  adoptServers,
  type AdoptServersOptions,
  type GatewayPut,
  type HeldServers,
  parseServersYaml,
  putServers,
  type PutServersOptions,
  type PutServersResult,
  type PutTrouble,
  type ServersByUpstream,
  type UpstreamPut,
} from './servers/index.js';
export type { TrafficChange } from './traffic.js';
export type { SyncGatewayStatus, SyncHoldStatus, SyncNodesStatus, SyncStatus, SyncUpstreamStatus } from './status.js';
