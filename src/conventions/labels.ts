/** The label keys of a company. Every key is data: a company with other keys replaces them in `defineConventions`. */
export interface LabelKeys {
  readonly name: string;
  readonly managedBy: string;
  readonly app: string;
  readonly cluster: string;
  readonly env: string;
  readonly idc: string;
  readonly color: string;
  /** Service chain of a project environment. */
  readonly sc: string;
  readonly version: string;
  /** On pods taken out of traffic for inspection. */
  readonly isolated: string;
  /** On Services whose pods are published by their address in a second network, and so on the slices. */
  readonly network: string;
  /** On pods of a debug release, never in traffic. */
  readonly debug: string;
  /** Who answers for a project environment. */
  readonly owner: string;
}

/** Label keys under one prefix, for example `youzan.com/app`. */
export function labelKeys(prefix: string): LabelKeys {
  return {
    name: 'app.kubernetes.io/name',
    managedBy: 'app.kubernetes.io/managed-by',
    app: `${prefix}/app`,
    cluster: `${prefix}/cluster`,
    env: `${prefix}/env`,
    idc: `${prefix}/idc`,
    color: `${prefix}/color`,
    sc: `${prefix}/sc`,
    version: 'app.kubernetes.io/version',
    isolated: `${prefix}/isolated`,
    network: `${prefix}/network`,
    debug: `${prefix}/debug`,
    owner: `${prefix}/owner`,
  };
}

/** A second workload of one app beside the first (`stable`). */
export type Color = 'stable' | 'gray' | 'blue' | 'green';
export const colors: readonly Color[] = ['stable', 'gray', 'blue', 'green'];
