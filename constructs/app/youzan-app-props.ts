import type { AppSpec, ResourceSettings } from '../../src/app-yaml/index.js';
import type { Color, Conventions, Topology } from '../../src/conventions/index.js';
import type { AdoptedWorkload } from '../adopt/adopted-workload.js';
import type { Scaling } from '../objects/autoscaler.js';
import type { DisruptionBudget } from '../objects/disruption-budget.js';
import type { VerticalScaling } from '../objects/vertical-autoscaler.js';
import type { MacvlanAttachment } from '../pod/network.js';
import type { Placement } from '../pod/placement.js';
import type { Scheduling } from '../pod/scheduling.js';
import type { DebugRelease } from '../variants/debug-release.js';

/** What is said of every workload of an app. */
export interface AnyVariantProps extends Topology {
  /** What the app is; from `parseAppYaml`. */
  readonly spec: AppSpec;
  /** With tag or digest. */
  readonly image: string;
  /** What is released, as a label's value: `1.4.0`. */
  readonly version: string;
  readonly namespace: string;
  /** Variables beside those of app.yaml, or in their place. Default: none. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In the place of app.yaml's; or a resource class of the conventions, `small`. Default: app.yaml's. */
  readonly resources?: ResourceSettings | string;
  /** Default: the cluster's own network. */
  readonly macvlan?: MacvlanAttachment;
  /**
   * Where the helpers run: `rich`, with the app in one container, or `sidecar`, each in a native sidecar with the app's
   * image, variables and resources, which needs Kubernetes 1.29. Default: `rich`.
   */
  readonly placement?: Placement;
  /**
   * Shows the container its own CPUs and memory in `/proc`, by the files that `LxcfsDaemonSet` has on each node. Default:
   * only for a JVM that is too old to know its limits.
   */
  readonly lxcfs?: boolean;
  /** Which nodes. Default: any, spread over nodes and zones, away from the app's other colors. */
  readonly scheduling?: Scheduling;
  /**
   * The longest that a pod's end may take in this cluster, whole seconds: some clouds end a node sooner. Offline, drain,
   * stop and the helpers must fit into it. Default: no limit.
   */
  readonly maxTerminationSeconds?: number;
  /** Must be those that the spec was parsed with. Default: Youzan's. */
  readonly conventions?: Conventions;
  /** Of the cluster, `1.34`: a field that it does not know yet is refused. Default: nothing is taken for too new. */
  readonly kubernetesVersion?: string;
}

/** A release that takes traffic. */
export interface ServingVariantProps {
  readonly debug?: false;
  /** Default: `stable`. */
  readonly color?: Color;
  /** Service chain of a project environment. Default: none. */
  readonly sc?: string;
  /** Whole seconds that a new pod must stay ready before the rollout goes on. Default: the conventions', 10. */
  readonly publishDeadlineSeconds?: number;
  /** Seconds from offline to stop. Default: app.yaml's, else the conventions', 5. */
  readonly drainSeconds?: number;
  /** How many pods, by what they use. Default: as many as the release's scale step says. */
  readonly scaling?: Scaling;
  /** Requests by what the pods have used. Default: as they are said. */
  readonly verticalScaling?: VerticalScaling;
  /** `false` for none. Default: one pod at a time may be away for a drain. */
  readonly disruptionBudget?: DisruptionBudget | false;
  /** What is there already and is taken over, as `adoptWorkload` finds it. Default: the app has a workload of its own. */
  readonly adopt?: AdoptedWorkload;
}

/** A release for inspection: no probes, no hooks, selected by no Service, a Job of its own beside the serving ones. */
export interface DebugVariantProps {
  /** `true` is `{}`. */
  readonly debug: true | DebugRelease;
  readonly color?: never;
  readonly sc?: never;
  readonly publishDeadlineSeconds?: never;
  readonly drainSeconds?: never;
  readonly scaling?: never;
  readonly verticalScaling?: never;
  readonly disruptionBudget?: never;
  readonly adopt?: never;
}

/** What `YouzanApp` makes manifests of. There are no replicas in it: the release's scale step owns them. */
export type YouzanAppProps = AnyVariantProps & (ServingVariantProps | DebugVariantProps);
