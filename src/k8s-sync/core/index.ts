export {
  type SyncConfig,
  type SyncGuards,
  syncGuards,
  type SyncRules,
  syncRules,
  type SyncTimings,
  syncTimings,
} from './config.js';
export { decide, type Decision } from './decide.js';
export type { Ground, RemovalReason, Sight } from './evidence.js';
export type { SyncEffect } from './effect.js';
export type { GatewayFailure, OperatorWord, NodeChange, SliceChange, SyncEvent, TimerName } from './event.js';
export { guardAgainst } from './guards.js';
export { groupOfHold } from './holds.js';
export { epochOf, generationOf } from './generation.js';
export { shardEntries, shardGet, shardKeys, type Shards } from './shards.js';
export {
  emptyPlaced,
  type GuardName,
  type Hold,
  initialState,
  type InstanceState,
  type Nodes,
  type PlacedUpstream,
  type PodProof,
  type SyncPhase,
  type SyncState,
  type TrafficOrder,
  type UpstreamState,
} from './state.js';
export { step } from './step.js';
export type { Stepped } from './stepped.js';
export { weightAt } from './traffic.js';
export { sightOf } from './upstream-members.js';
