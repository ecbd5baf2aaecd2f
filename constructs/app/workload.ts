import {
  appLabels,
  type Conventions,
  networkLabel,
  resourceName,
  selectorLabels,
  shortenName,
} from '../../src/conventions/index.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** Name and labels of one workload of an app. */
export interface Workload {
  readonly name: string;
  /** Frozen once the Deployment exists: app and color, and the service chain; a debug release has no color. */
  readonly selector: Readonly<Record<string, string>>;
  /** Of the pods and the Deployment. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the Service, and so of its slices: a version there would change with every release. */
  readonly serviceLabels: Readonly<Record<string, string>>;
}

export function workloadOf(props: YouzanAppProps, conventions: Conventions): Workload {
  const { color, sc, cluster, idc, env, version, macvlan, namespace, debug } = props;
  const identity = { app: props.spec.name, color, sc };
  const name = debug === true ? shortenName(`${props.spec.name}-debug`) : resourceName(identity);
  const labelled = { ...identity, cluster, idc, env, instance: name, partOf: namespace };
  const serviceLabels = {
    ...appLabels(labelled, conventions),
    // The endpoints hold the first network's addresses: k8s-sync must take those of the second.
    ...(macvlan?.as === 'second' ? { [conventions.labels.network]: networkLabel(macvlan.network, namespace) } : {}),
  };
  const labels = appLabels({ ...labelled, version }, conventions);
  if (debug !== true) return { name, selector: selectorLabels(identity, conventions), labels, serviceLabels };
  const keys = conventions.labels;
  const selector = { [keys.app]: props.spec.name, [keys.debug]: 'true' };
  const uncolored = Object.fromEntries(Object.entries(labels).filter(([key]) => key !== keys.color));
  return { name, selector, labels: { ...uncolored, ...selector }, serviceLabels };
}
