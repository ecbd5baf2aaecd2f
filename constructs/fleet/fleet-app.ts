import type { YouzanAppProps } from '../app/youzan-app-props.js';

/** What must be known of a cluster to make manifests for it; a `FleetCluster` is one. */
export interface SynthCluster {
  readonly name: string;
  readonly idc: string;
  /** Kubernetes version, `1.34`: a manifest must not need a newer one. */
  readonly version: string;
}

/** What must be known of a fleet to make manifests for it; what `parseFleetYaml` and `defineFleet` give is one. */
export interface SynthFleet {
  readonly clusters: readonly SynthCluster[];
}

/** Props that the fleet gives. */
type PlaceProp = 'cluster' | 'idc' | 'kubernetesVersion';
/** Each variant without its place: `Omit` of a union would mix the variants. */
type WithoutPlace<Props> = Props extends unknown ? Omit<Props, PlaceProp> : never;

/** What may differ from cluster to cluster. */
export type ClusterOverrides = Partial<
  Pick<YouzanAppProps, 'image' | 'version' | 'environment' | 'resources' | 'macvlan'>
>;

/** An app for many clusters: `YouzanAppProps` without the place, and where it goes. */
export type FleetApp = WithoutPlace<YouzanAppProps> & {
  /** Clusters of these IDCs only. Default: of all. */
  readonly idcs?: readonly string[];
  /** These clusters only. Default: all. */
  readonly clusters?: readonly string[];
  /** By cluster: stands in the place of the app's own; `environment` is merged, name by name. Default: none. */
  readonly overrides?: Readonly<Record<string, ClusterOverrides>>;
};
