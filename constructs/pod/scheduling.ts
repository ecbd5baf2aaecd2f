import type { k8s } from 'cdk8s-plus-28';
import {
  colors,
  type Conventions,
  type Finding,
  isDnsSubdomain,
  isLabelKey,
  isLabelValue,
  youzanConventions,
} from '../../src/conventions/index.js';
import type { AppContext } from '../app/app-context.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { knows } from './cluster-version.js';
import type { PodConcern } from './pod-part.js';

/** `preferred`: as evenly as the nodes allow. `required`: a pod waits rather than stand uneven. `false`: no matter. */
export type Spread = 'preferred' | 'required' | false;

/** On which nodes an app's pods may stand. */
export interface Scheduling {
  /**
   * Labels that a node must have, all of them; of a list of values, one. Default: any node.
   *
   * @example { 'kubernetes.io/arch': 'amd64', 'youzan.com/disk': ['ssd', 'nvme'] }
   */
  readonly nodes?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Pools of nodes that it runs on, and on no other node. A pool's nodes have the conventions' label `pool`, and a taint of
   * the same key and value. Default: the nodes without a taint.
   */
  readonly pools?: readonly string[];
  readonly spread?: {
    /** Default: `preferred`. */
    readonly nodes?: Spread;
    /** By `topology.kubernetes.io/zone`. `required` leaves out nodes without that label. Default: `preferred`. */
    readonly zones?: Spread;
  };
  /** Prefer nodes without pods of the app's other colors. Default: true. */
  readonly colorsApart?: boolean;
  /** Name of a PriorityClass of the cluster. Default: the cluster's own default. */
  readonly priorityClass?: string;
}

const hostname = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';

/** Which nodes, spread over them, apart from other colors. What runs to an end is spread over nothing, nor is a pod of each node. */
export const schedulingPart: PodConcern = (context) => {
  const { props, conventions, workloadKind } = context;
  const { scheduling: { pools = [], priorityClass } = {} } = props;
  const required = requirements(props, conventions);
  const chosen = workloadKind === 'Deployment' || workloadKind === 'StatefulSet';
  const apart = chosen ? apartTerms(context) : [];
  const constraints = chosen ? spreadConstraints(context) : [];
  const affinity = {
    // Several terms would mean one or another: all that is required stands in one.
    ...(required.length > 0 && {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: required }] },
      },
    }),
    ...(apart.length > 0 && { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: apart } }),
  };
  return {
    pod: {
      ...(Object.keys(affinity).length > 0 && { affinity }),
      ...(constraints.length > 0 && { topologySpreadConstraints: constraints }),
      ...(pools.length > 0 && { tolerations: inOrder(pools).map((value) => toleration(conventions, value)) }),
      ...(priorityClass !== undefined && { priorityClassName: priorityClass }),
    },
  };
};

function requirements({ scheduling = {} }: YouzanAppProps, { labels }: Conventions): k8s.NodeSelectorRequirement[] {
  const { nodes = {}, pools = [] } = scheduling;
  const wanted = Object.entries(nodes).map(
    ([key, value]) => [key, typeof value === 'string' ? [value] : value] as const,
  );
  if (pools.length > 0) wanted.push([labels.pool, pools]);
  return wanted
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, values]) => ({ key, operator: 'In', values: inOrder(values) }));
}

const toleration = ({ labels }: Conventions, value: string): k8s.Toleration => ({
  key: labels.pool,
  operator: 'Equal',
  value,
});

function spreadConstraints({ props, workload, workloadKind }: AppContext): k8s.TopologySpreadConstraint[] {
  const { kubernetesVersion, scheduling: { spread = {} } = {} } = props;
  const constraint = (topologyKey: string, strength: Spread): k8s.TopologySpreadConstraint => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: strength === 'required' ? 'DoNotSchedule' : 'ScheduleAnyway',
    labelSelector: { matchLabels: workload.selector },
    // A node that its taint keeps free is none to fill.
    ...(knows(kubernetesVersion, '1.27') && { nodeTaintsPolicy: 'Honor' }),
    // A rollout spreads its own pods, wherever the old ones stand; only pods of a Deployment have that label.
    ...(knows(kubernetesVersion, '1.27') && workloadKind === 'Deployment' && { matchLabelKeys: ['pod-template-hash'] }),
  });
  const { nodes = 'preferred', zones } = spread;
  return [
    ...(nodes === false ? [] : [constraint(hostname, nodes)]),
    ...(zones === 'required' ? [constraint(zone, zones)] : []),
  ];
}

function apartTerms({ props, conventions: { labels }, workload }: AppContext): k8s.WeightedPodAffinityTerm[] {
  const { color = 'stable', scheduling: { spread = {}, colorsApart = true } = {} } = props;
  const { zones = 'preferred' } = spread;
  const others = colors.filter((other) => other !== color);
  const terms: k8s.WeightedPodAffinityTerm[] = [];
  // Not as a soft constraint of the spread: the scheduler spreads by none of these where nodes lack one's label, and so a
  // cluster without zones would lose the spread over its nodes.
  if (zones === 'preferred')
    terms.push({
      weight: 100,
      podAffinityTerm: { topologyKey: zone, labelSelector: { matchLabels: workload.selector } },
    });
  if (colorsApart)
    terms.push({
      weight: 50,
      podAffinityTerm: {
        topologyKey: hostname,
        labelSelector: {
          matchLabels: { [labels.app]: props.spec.name },
          matchExpressions: [{ key: labels.color, operator: 'In', values: others }],
        },
      },
    });
  return terms;
}

/** Each once; in which order they were said means nothing. */
const inOrder = (values: readonly string[]): string[] => [...new Set(values)].sort();

/** Labels, pools and classes that no node or cluster can have. */
export function schedulingFindings({ scheduling = {}, conventions = youzanConventions }: YouzanAppProps): Finding[] {
  const { nodes = {}, pools = [], priorityClass } = scheduling;
  const findings: Finding[] = [];
  const find = (path: string, message: string): void => {
    findings.push({ path: `scheduling.${path}`, message });
  };
  for (const [key, value] of Object.entries(nodes)) {
    const values = typeof value === 'string' ? [value] : value;
    if (!isLabelKey(key)) find('nodes', `"${key}" is no label key`);
    if (key === conventions.labels.pool) find(`nodes.${key}`, 'is the label of pools: name them in scheduling.pools');
    if (values.length === 0) find(`nodes.${key}`, 'has no values, so that no node fits');
    for (const one of values.filter((one) => !isLabelValue(one))) find(`nodes.${key}`, `"${one}" is no label value`);
  }
  for (const pool of pools) {
    if (pool === '' || !isLabelValue(pool)) find('pools', `"${pool}" is no name of a pool: it must be a label's value`);
  }
  if (priorityClass !== undefined && !isDnsSubdomain(priorityClass))
    find('priorityClass', `"${priorityClass}" is no name of a PriorityClass`);
  return findings;
}
