import { nodeFaults, type NodeFaults, type NodeInfo } from '../node/lab-node.js';

/** What a test gets of one cluster: plain data, the same in every process. */
export interface ClusterInfo {
  readonly name: string;
  readonly idc: string;
  /** Path of an administrator's kubeconfig with everything embedded. */
  readonly kubeconfig: string;
  /** Its API server. */
  readonly url: string;
  /** Holds one log file per process. */
  readonly logFolder: string;
  /** Real nodes; none in a cluster that was asked for without. */
  readonly nodes: readonly NodeInfo[];
}

/**
 * What can be done to one cluster. Each resolves when it holds: a start when the thing started is ready. All arguments
 * and results are JSON, so that a test in another process can call them.
 */
export interface ClusterFaults extends NodeFaults {
  /** SIGKILL; open connections are reset. */
  readonly killApiServer: () => Promise<void>;
  readonly startApiServer: () => Promise<void>;
  /** SIGSTOP: connections are accepted by the kernel and never answered. */
  readonly pauseApiServer: () => Promise<void>;
  readonly resumeApiServer: () => Promise<void>;
  /** Packets between the API server and everything outside its control plane vanish. */
  readonly dropApiServer: () => Promise<void>;
  readonly passApiServer: () => Promise<void>;

  /** A second API server on the same etcd. Gives the path of its administrator's kubeconfig. */
  readonly secondApiServer: () => Promise<string>;
  /** The second API server's etcd traffic vanishes: its watch cache grows old and it doesn't know. */
  readonly freezeSecondApiServer: () => Promise<void>;
  readonly thawSecondApiServer: () => Promise<void>;

  readonly stopEtcd: () => Promise<void>;
  readonly startEtcd: () => Promise<void>;
  /** Forgets all history. Watches from older resourceVersions are 410 once the API server has restarted. */
  readonly compactEtcd: () => Promise<void>;
  /** Gives the snapshot's path. */
  readonly saveEtcdSnapshot: () => Promise<string>;
  /** Sets the cluster back to a snapshot, as an operator would: API servers and controllers stopped, data replaced, all started. */
  readonly restoreEtcdSnapshot: (snapshot: string) => Promise<void>;
}

export type LabCluster = ClusterInfo & ClusterFaults;

export const clusterFaults: readonly (keyof ClusterFaults)[] = [
  'killApiServer',
  'startApiServer',
  'pauseApiServer',
  'resumeApiServer',
  'dropApiServer',
  'passApiServer',
  'secondApiServer',
  'freezeSecondApiServer',
  'thawSecondApiServer',
  'stopEtcd',
  'startEtcd',
  'compactEtcd',
  'saveEtcdSnapshot',
  'restoreEtcdSnapshot',
  ...nodeFaults,
];
