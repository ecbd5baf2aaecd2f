import {
  appLabels,
  type Conventions,
  networkLabel,
  resourceName,
  selectorLabels,
  shortenName,
} from '../../src/conventions/index.js';
import { debugReleaseOf } from '../variants/debug-release.js';
import { runsToEnd, type WorkloadKind } from './workload-kind.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** Name and labels of one workload of an app. */
export interface Workload {
  readonly name: string;
  /** Frozen once the workload exists: app and color, and the service chain; what runs to an end has no color. */
  readonly selector: Readonly<Record<string, string>>;
  /** Of the pods and the workload. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the Service, and so of its slices: a version there would change with every release. */
  readonly serviceLabels: Readonly<Record<string, string>>;
}

/** What is beside an app's serving pods and takes no traffic. */
interface Aside {
  /** Stands in the name. Default: the app itself is a job. */
  readonly name: string | undefined;
  /** Tells its pods apart, in the place of a color. */
  readonly mark: Readonly<Record<string, string>>;
}

export function workloadOf(
  props: YouzanAppProps,
  conventions: Conventions,
  kind: WorkloadKind,
  jobName: string | undefined,
): Workload {
  const { color, sc, cluster, idc, env, version, macvlan, namespace } = props;
  const identity = { app: props.spec.name, color, sc };
  const aside = asideOf(props, conventions, kind, jobName);
  const parts = [identity.app, aside?.name, sc].filter((part) => part !== undefined && part !== '');
  const name = shortenName(aside === undefined ? resourceName(identity) : parts.join('-'), longestName[kind]);
  const labelled = { ...identity, cluster, idc, env, instance: name, partOf: namespace };
  const serviceLabels = {
    ...appLabels(labelled, conventions),
    // The endpoints hold the first network's addresses: k8s-sync must take those of the second.
    ...(macvlan?.as === 'second' ? { [conventions.labels.network]: networkLabel(macvlan.network, namespace) } : {}),
  };
  const labels = appLabels({ ...labelled, version }, conventions);
  if (aside === undefined && kind === 'Deployment' && props.adopt !== undefined) {
    const { name: former, selector } = props.adopt;
    return { name: former, selector, labels: { ...labels, ...selector }, serviceLabels };
  }
  if (aside === undefined) return { name, selector: selectorLabels(identity, conventions), labels, serviceLabels };
  const keys = conventions.labels;
  const selector = { [keys.app]: props.spec.name, ...aside.mark };
  const uncolored = Object.fromEntries(Object.entries(labels).filter(([key]) => key !== keys.color));
  return { name, selector, labels: { ...uncolored, ...selector }, serviceLabels };
}

/** What Kubernetes adds to the names of pods and jobs, and to a label with the name, must fit too. */
const longestName: Readonly<Partial<Record<WorkloadKind, number>>> = { StatefulSet: 52, CronJob: 52 };

function asideOf(
  props: YouzanAppProps,
  { labels }: Conventions,
  kind: WorkloadKind,
  jobName: string | undefined,
): Aside | undefined {
  if (debugReleaseOf(props) !== undefined) return { name: 'debug', mark: { [labels.debug]: 'true' } };
  return runsToEnd(kind) ? { name: jobName, mark: { [labels.component]: 'job' } } : undefined;
}
