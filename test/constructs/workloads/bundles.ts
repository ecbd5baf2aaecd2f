// The bundles of the workloads beside an app's Deployment, and what the tests read of them.
import type { Construct } from 'constructs';
import {
  type AnyVariantProps,
  type Bundle,
  type ManifestObject,
  synthBundle,
  YouzanDaemon,
  type YouzanDaemonProps,
  YouzanJob,
  type YouzanJobProps,
  YouzanScheduledJob,
  type YouzanScheduledJobProps,
  YouzanStatefulApp,
  type YouzanStatefulAppProps,
} from '../../../constructs/index.js';
import { demoSpec, propsOf } from '../specs.js';

const { image, version, cluster, idc, env, namespace } = propsOf(demoSpec);
/** The app of the demo in cluster bc-a. */
export const base = { spec: demoSpec, image, version, cluster, idc, env, namespace };

export const stateful: YouzanStatefulAppProps = base;
export const daemon: YouzanDaemonProps = base;
export const job: YouzanJobProps = {
  ...base,
  name: 'migrate',
  command: ['node', 'migrate.mjs'],
  activeDeadlineSeconds: 600,
};
export const scheduled: YouzanScheduledJobProps = {
  ...base,
  name: 'settle',
  command: ['node', 'settle.mjs'],
  schedule: '30 3 * * *',
  activeDeadlineSeconds: 3600,
};

export const makers = {
  StatefulSet: (scope: Construct, id: string, props: YouzanStatefulAppProps) => new YouzanStatefulApp(scope, id, props),
  DaemonSet: (scope: Construct, id: string, props: YouzanDaemonProps) => new YouzanDaemon(scope, id, props),
  Job: (scope: Construct, id: string, props: YouzanJobProps) => new YouzanJob(scope, id, props),
  CronJob: (scope: Construct, id: string, props: YouzanScheduledJobProps) => new YouzanScheduledJob(scope, id, props),
};

type Maker<Props> = (scope: Construct, id: string, props: Props) => Construct & { readonly name: string };

export const bundleOf = <Props extends AnyVariantProps>(make: Maker<Props>, props: Props, id = 'app'): Bundle =>
  synthBundle(props, (chart) => make(chart, id, props));

export const statefulBundle = (props: YouzanStatefulAppProps = stateful): Bundle => bundleOf(makers.StatefulSet, props);
export const daemonBundle = (props: YouzanDaemonProps = daemon): Bundle => bundleOf(makers.DaemonSet, props);
export const jobBundle = (props: YouzanJobProps = job): Bundle => bundleOf(makers.Job, props);
export const scheduledBundle = (props: YouzanScheduledJobProps = scheduled): Bundle => bundleOf(makers.CronJob, props);

/** Each kind of workload as it is by default. */
export const allBundles: readonly (readonly [kind: string, bundle: () => Bundle])[] = [
  ['StatefulSet', statefulBundle],
  ['DaemonSet', daemonBundle],
  ['Job', jobBundle],
  ['CronJob', scheduledBundle],
];

type Labels = Readonly<Record<string, string>>;

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly restartPolicy?: string;
    readonly containers: readonly {
      readonly command: readonly string[];
      readonly env: readonly { readonly name: string }[];
      readonly lifecycle?: object;
      readonly readinessProbe?: object;
    }[];
  };
}

export interface Workload extends ManifestObject {
  readonly spec: {
    readonly [field: string]: unknown;
    readonly selector?: { readonly matchLabels: Labels };
    readonly template: PodTemplate;
  };
}

/** The only object of that kind. */
export function objectOf({ objects }: Bundle, kind: string, name?: string): ManifestObject | undefined {
  return objects.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
}

/** What makes pods; of a CronJob the template of its jobs. */
export function workloadOf({ objects }: Bundle): Workload {
  const found = objects.find(({ kind }) => Object.hasOwn(makers, kind)) as Workload;
  if (found.kind !== 'CronJob') return found;
  const { spec } = found.spec['jobTemplate'] as { readonly spec: Workload['spec'] };
  return { ...found, spec };
}
