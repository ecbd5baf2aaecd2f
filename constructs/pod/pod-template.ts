import type { AppContext } from '../app/app-context.js';
import type { JsonMap } from './json.js';
import { composePod, type PodConcern, type PodPart } from './pod-part.js';
import { containerPart } from './container.js';
import { hooksPart } from './hooks.js';
import { identityPart } from './identity.js';
import { lxcfsPart } from './lxcfs.js';
import { networkPart } from './network.js';
import { withSidecars } from './placement.js';
import { probesPart } from './probes.js';
import { resourcesPart } from './resources.js';
import { schedulingPart } from './scheduling.js';

/** Everything that has a say in a workload's pods. */
const concerns: readonly PodConcern[] = [
  identityPart,
  containerPart,
  hooksPart,
  probesPart,
  resourcesPart,
  networkPart,
  schedulingPart,
  lxcfsPart,
];

/** The pod template of a workload, as it stands in the manifest, with parts that only this kind of workload has. */
export function podTemplateOf(context: AppContext, ...own: readonly PodPart[]): JsonMap {
  return withSidecars(context, composePod([...concerns.flatMap((concern) => concern(context) ?? []), ...own]));
}
