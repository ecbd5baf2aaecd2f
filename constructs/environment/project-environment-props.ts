import type { AppSpec } from '../../src/app-yaml/index.js';
import type { Conventions, Topology } from '../../src/conventions/index.js';

/** Amounts of a namespace or a container, as Kubernetes quantities. */
export interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

export interface ProjectEnvironmentProps extends Topology {
  /** The service chain: it stands in the request header and in the pods' labels. A DNS label. */
  readonly sc: string;
  /** Default: `{env}-{sc}`. No namespace of the standard environment: its Services would select this one's pods. */
  readonly namespace?: string;
  /** Who answers for it, as a label's value. */
  readonly owner: string;
  /** The apps that the project changes; all others are the standard environment's. */
  readonly apps: readonly Pick<AppSpec, 'name' | 'ports'>[];
  /** What all pods may request together, and how many there may be. Default: 8 CPUs, 16Gi, 50 pods. */
  readonly quota?: Amounts & { readonly pods: number };
  /** For a container that asks for nothing itself. Default: requests of 100m and 128Mi, limits of 1 CPU and 1Gi. */
  readonly containerDefaults?: { readonly requests: Amounts; readonly limits: Amounts };
  /** Who may send to its pods, beside each other. */
  readonly traffic: {
    /** Namespaces of the standard environment. */
    readonly namespaces: readonly string[];
    /** Addresses outside the clusters: gateways, machines. `10.77.0.0/24`. */
    readonly blocks: readonly string[];
  };
  /** The Secret with which images are pulled. Default: none. */
  readonly imagePullSecret?: {
    readonly name: string;
    /** The text of its `.dockerconfigjson`. Default: somebody else puts the Secret there. */
    readonly dockerConfigJson?: string;
  };
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
}
