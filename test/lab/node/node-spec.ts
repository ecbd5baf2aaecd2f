import type { Binaries } from '../binaries/locate.js';
import type { ClusterCertificates } from '../certificates/cluster-files.js';
import type { Made } from '../lab/record.js';
import type { LabProcess, ProcessSpec } from '../processes/start.js';
import type { NodePlace } from './node-place.js';

export interface Multus {
  readonly program: string;
  readonly kubeconfig: string;
}

/** Where, with what and for which cluster a node runs. */
export interface NodeSpec {
  readonly place: NodePlace;
  /** The node's zone. */
  readonly idc: string;
  readonly apiServerUrl: string;
  /** An administrator's, to see that the node is ready. */
  readonly kubeconfig: string;
  readonly certificates: ClusterCertificates;
  readonly binaries: Binaries;
  readonly bridge: string;
  readonly serviceRange: string;
  /** The node's own: configs, /var/lib, /var/log. */
  readonly folder: string;
  /** What its containerd begins with. */
  readonly imageStore: string;
  /** Its pods' own network is routed, and they get one on the layer 2 when they ask for it. Default: that one only. */
  readonly multus: Multus | undefined;
  /** Notes what is made outside the lab's folder. */
  readonly made: (made: Made) => void;
  /** Starts a process of this node's cluster and records it. */
  readonly start: (spec: Omit<ProcessSpec, 'logFile'>) => LabProcess;
}
