import { type Finding, isDnsLabel, isLabelValue, networkLabel } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import type { PodConcern } from './pod-part.js';

/** A macvlan network for the pods, by the name of its NetworkAttachmentDefinition. */
export interface MacvlanAttachment {
  /** `name`, or `namespace/name`. */
  readonly network: string;
  /**
   * `default` makes it the pods' only network: endpoints, and so the gateway, hold its addresses. `second` adds it
   * beside the cluster's own: the endpoints hold that one's addresses, and a label of the Service tells k8s-sync and
   * the publish barrier to take the second's. Default: `default`.
   */
  readonly as?: 'default' | 'second';
  /** How many addresses the network has. Default: not known, so that nobody asks whether they are enough. */
  readonly addresses?: number;
}

const annotationKeys = { default: 'v1.multus-cni.io/default-network', second: 'k8s.v1.cni.cncf.io/networks' };

/** The annotation that Multus reads. */
export const networkPart: PodConcern = ({ props: { macvlan } }) =>
  macvlan === undefined ? undefined : { annotations: { [annotationKeys[macvlan.as ?? 'default']]: macvlan.network } };

/** What is wrong with the network of an app. */
export function networkFindings(props: YouzanAppProps): Finding[] {
  const { macvlan, namespace, spec, scaling } = props;
  if (macvlan === undefined) return [];
  const refused = (message: string): Finding[] => [{ path: 'macvlan.network', message }];
  if (!isNetworkName(macvlan.network))
    return refused(`"${macvlan.network}" is no network; allowed are name and namespace/name`);
  const { addresses = Infinity } = macvlan;
  const pods = scaling?.max ?? spec.replicas ?? 0;
  // A release adds a pod before it takes one away.
  if (pods + 1 > addresses)
    return refused(`has ${addresses} addresses; ${pods} pods and one more while they are released need ${pods + 1}`);
  if (macvlan.as !== 'second') return [];
  const label = networkLabel(macvlan.network, namespace);
  return isLabelValue(label) ? [] : refused(`"${label}" is no label value: at most 63 characters`);
}

/** `name`, or `namespace/name`. */
function isNetworkName(name: string): boolean {
  const parts = name.split('/');
  return parts.length <= 2 && parts.every(isDnsLabel);
}
