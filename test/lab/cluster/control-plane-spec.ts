import type { Binaries } from '../binaries/locate.js';
import type { ClusterCertificates } from '../certificates/cluster-files.js';
import type { LabProcess, ProcessSpec } from '../processes/start.js';

/** The ports of every control plane; each has a network namespace of its own. */
export const ports = {
  etcd: 2379,
  etcdPeer: 2380,
  secondEtcd: 2381,
  etcdHealth: 2382,
  apiServer: 6443,
  secondApiServer: 6444,
} as const;

/** Where and with what a control plane runs. */
export interface ControlPlaneSpec {
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly certificates: ClusterCertificates;
  /** Its namespace's address on the bridge. */
  readonly address: string;
  readonly networkNamespace: string;
  readonly serviceRange: string;
  /** Data and logs. */
  readonly folder: string;
  /** Flags of the API server beyond the lab's own. */
  readonly apiServerFlags: readonly string[];
  /** Starts a process of this cluster and records it. */
  readonly start: (spec: Omit<ProcessSpec, 'logFile' | 'networkNamespace'>) => LabProcess;
}
