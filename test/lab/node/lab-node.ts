/** What a test gets of one node: plain data. */
export interface NodeInfo {
  readonly name: string;
  readonly address: string;
}

/** One real Kubernetes node. Each call resolves when it holds. */
export interface LabNode extends NodeInfo {
  /** SIGKILL to the kubelet; containers, containerd and kube-proxy go on. */
  stopKubelet(): Promise<void>;
  startKubelet(): Promise<void>;
  /** Pulls its cable: nothing on the network reaches the node and its pods any more; inside, all goes on. */
  partition(): Promise<void>;
  mend(): Promise<void>;
  /** As if its power failed: every process of it is gone at once. */
  kill(): Promise<void>;
  /** Boots it, with what it had on its disk, until it is ready. */
  boot(): Promise<void>;
}

/** The same, of one cluster's nodes by name. */
export interface NodeFaults {
  readonly stopKubelet: (node: string) => Promise<void>;
  readonly startKubelet: (node: string) => Promise<void>;
  readonly partitionNode: (node: string) => Promise<void>;
  readonly mendNode: (node: string) => Promise<void>;
  readonly killNode: (node: string) => Promise<void>;
  readonly bootNode: (node: string) => Promise<void>;
}

export const nodeFaults: readonly (keyof NodeFaults)[] = [
  'stopKubelet',
  'startKubelet',
  'partitionNode',
  'mendNode',
  'killNode',
  'bootNode',
];
