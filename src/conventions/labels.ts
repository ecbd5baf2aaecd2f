/** The label keys of a company. Every key is data: a company with other keys replaces them in `defineConventions`. */
export interface LabelKeys {
  /** The app, for tools that know the recommended keys only. */
  readonly name: string;
  /** One workload of the app: its own name, which no other in the namespace has. */
  readonly instance: string;
  /** What the app belongs to: its namespace. */
  readonly partOf: string;
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
  /** On what is a part of the app, and not the app itself: `job`. */
  readonly component: string;
  /** On pods of a debug release, never in traffic. */
  readonly debug: string;
  /** Who answers for a project environment. */
  readonly owner: string;
  /** On nodes that only some apps may use: the pool's name, as a label and as a taint. */
  readonly pool: string;
}

/** Label keys under one prefix, for example `youzan.com/app`. */
export function labelKeys(prefix: string): LabelKeys {
  return {
    name: 'app.kubernetes.io/name',
    instance: 'app.kubernetes.io/instance',
    partOf: 'app.kubernetes.io/part-of',
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
    component: 'app.kubernetes.io/component',
    debug: `${prefix}/debug`,
    owner: `${prefix}/owner`,
    pool: `${prefix}/pool`,
  };
}

/** A second workload of one app beside the first (`stable`). */
export type Color = 'stable' | 'gray' | 'blue' | 'green';
export const colors: readonly Color[] = ['stable', 'gray', 'blue', 'green'];
