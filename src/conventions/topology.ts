import type { Color } from './labels.js';

/** Where a workload runs: a standard environment's cluster in an IDC. */
export interface Topology {
  /** Data centre: `bc`, `bd`. */
  readonly idc: string;
  /** Kubernetes cluster: `bc-a`. */
  readonly cluster: string;
  /** Standard environment: `prod`. */
  readonly env: string;
}

/** Which workload of an app: the first one, or a second one beside it, in a service chain or not. */
export interface WorkloadIdentity {
  readonly app: string;
  /** Default: `stable`. */
  readonly color?: Color;
  /** Service chain of a project environment. Default: none. */
  readonly sc?: string;
}

/** The name under which a cluster's syncer writes to a gateway: `k8s.bc.bc-a`. */
export function sourceName(idc: string, cluster: string): string {
  return `k8s.${idc}.${cluster}`;
}

/** The gateway's name for what an app serves on one port role: `trade-core.http`. */
export function upstreamName(app: string, role: string): string {
  return `${app}.${role}`;
}

/**
 * A network as a label's value, for a slash may not stand there: `trade.macvlan`. Neither part may hold a dot.
 *
 * @param network `name` in the pod's own namespace, or `namespace/name`.
 */
export function networkLabel(network: string, namespace: string): string {
  return network.includes('/') ? network.replace('/', '.') : `${namespace}.${network}`;
}
