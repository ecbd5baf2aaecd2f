export { startEmbeddedCluster } from './start.js';
export type { EmbeddedCluster, EmbeddedClusterOptions } from './start.js';
export type { ApiFaults, FailedAnswer } from './faults.js';
export type { ApiWrite } from './write-log.js';
export type { KubeletFaults } from './kubelet/kubelet.js';
export type { PodEvent, PodEventType, PodInfo } from './kubelet/pod-worker.js';
