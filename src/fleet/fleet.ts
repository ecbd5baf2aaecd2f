/** One Kubernetes cluster of a fleet. */
export interface FleetCluster {
  readonly name: string;
  readonly idc: string;
  /** Path of its kubeconfig, relative to the working directory. Default: `KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** Default: the cluster's name. */
  readonly context?: string;
  /** Kubernetes version, `1.34`: a manifest must not need a newer one. */
  readonly version: string;
  /** `self-built` or a cloud's name. Default `self-built`. */
  readonly provider: string;
  /** Used only for overflow. Default false. */
  readonly burst: boolean;
}

/** One gateway instance of an environment. */
export type FleetGateway = FleetYz7Gateway | FleetHaproxyGateway;

/** The token stands elsewhere: in a variable or a file. */
export interface FleetYz7Gateway {
  readonly kind: 'yz7';
  readonly name: string;
  readonly idc: string;
  /** Origin of the admin API. */
  readonly url: string;
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
}

export interface FleetHaproxyGateway {
  readonly kind: 'haproxy';
  readonly name: string;
  readonly idc: string;
  /** The runtime socket: `/run/haproxy/admin.sock`, `10.0.0.5:9999` or `[::1]:9999`. */
  readonly socket: string;
  /** Path of the map file that remembers claims and pods, exactly as HAProxy's configuration has it. */
  readonly map: string;
}

/** All clusters of a company by IDC, and each environment's gateway instances. */
export interface Fleet {
  readonly clusters: readonly FleetCluster[];
  /** By environment. */
  readonly gateways: Readonly<Record<string, readonly FleetGateway[]>>;
}
