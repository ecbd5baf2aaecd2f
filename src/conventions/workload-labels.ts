import type { Conventions } from './conventions.js';
import { resourceName } from './name.js';
import type { Topology, WorkloadIdentity } from './topology.js';
import { youzanConventions } from './youzan.js';

/** Whose labels: a workload at a place. */
export interface LabelledWorkload extends WorkloadIdentity, Topology {
  /** Not on Services: their labels reach the endpoints, and would change with every release. */
  readonly version?: string;
  /** The workload's name. Default: that of {@link resourceName}. */
  readonly instance?: string;
  /** What the app belongs to. Default: no such label. */
  readonly partOf?: string;
}

/** All labels of an object of a workload, in a fixed order; `sc`, `version` and `partOf` only when set. */
export function appLabels(
  workload: LabelledWorkload,
  conventions: Conventions = youzanConventions,
): Record<string, string> {
  const { labels, managedBy } = conventions;
  return {
    [labels.name]: workload.app,
    [labels.instance]: workload.instance ?? resourceName(workload),
    ...(workload.partOf === undefined ? {} : { [labels.partOf]: workload.partOf }),
    [labels.managedBy]: managedBy,
    ...(workload.version === undefined ? {} : { [labels.version]: workload.version }),
    [labels.app]: workload.app,
    [labels.cluster]: workload.cluster,
    [labels.color]: workload.color ?? 'stable',
    [labels.env]: workload.env,
    [labels.idc]: workload.idc,
    ...(workload.sc === undefined || workload.sc === '' ? {} : { [labels.sc]: workload.sc }),
  };
}

/** What selects a workload's pods: app, color and, when set, service chain; never a version, an IDC or a cluster. */
export function selectorLabels(
  workload: WorkloadIdentity,
  conventions: Conventions = youzanConventions,
): Record<string, string> {
  const { labels } = conventions;
  return {
    [labels.app]: workload.app,
    [labels.color]: workload.color ?? 'stable',
    ...(workload.sc === undefined || workload.sc === '' ? {} : { [labels.sc]: workload.sc }),
  };
}
