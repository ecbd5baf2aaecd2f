// Entry `youzan-kube/testing`.
export { startEmbeddedCluster } from './cluster/index.js';
export type {
  ApiFaults,
  ApiWrite,
  EmbeddedCluster,
  EmbeddedClusterOptions,
  FailedAnswer,
  KubeletFaults,
  PodEvent,
  PodEventType,
  PodInfo,
} from './cluster/index.js';
export { gatewaySuite } from './gateway-suite/index.js';
export type { GatewaySuiteCase, GatewaySuiteContext, GatewaySuiteResult } from './gateway-suite/index.js';
export { startEmbeddedYz7, yz7Contract } from './yz7/index.js';
export type {
  EmbeddedYz7,
  EmbeddedYz7Options,
  HistoryEntry,
  Lag,
  WriteCounts,
  Yz7ContractCase,
  Yz7ContractContext,
  Yz7ContractResult,
  Yz7Faults,
  Yz7Stats,
  Yz7Token,
} from './yz7/index.js';
