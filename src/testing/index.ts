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
