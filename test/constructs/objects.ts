// What the tests read of a bundle's objects.
import { synthApp, type ManifestObject, type YouzanAppProps } from '../../constructs/index.js';

type Labels = Readonly<Record<string, string>>;

export interface Container {
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle?: Readonly<
    Record<'postStart' | 'preStop', { readonly exec: { readonly command: readonly string[] } }>
  >;
  readonly readinessProbe?: object;
}

export interface Deployment extends ManifestObject {
  readonly spec: {
    readonly minReadySeconds?: number;
    readonly progressDeadlineSeconds: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly strategy: object;
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
      readonly spec: { readonly containers: readonly Container[]; readonly terminationGracePeriodSeconds: number };
    };
  };
}

export interface Service extends ManifestObject {
  readonly spec: { readonly selector: Labels };
}

const objectOf = (props: YouzanAppProps, ...kinds: readonly string[]): ManifestObject | undefined =>
  synthApp(props).objects.find(({ kind }) => kinds.includes(kind));

/** The Deployment; of a debug release the Job, which has no selector. */
export const deploymentOf = (props: YouzanAppProps): Deployment => objectOf(props, 'Deployment', 'Job') as Deployment;
/** `undefined` when there is none, as for a debug release. */
export const serviceOf = (props: YouzanAppProps): Service | undefined =>
  objectOf(props, 'Service') as Service | undefined;
export const containerOf = (props: YouzanAppProps): Container => deploymentOf(props).spec.template.spec.containers[0]!;

/** The generated scripts of an app with both hooks. */
export function scriptsOf(props: YouzanAppProps): Readonly<Record<'entrypoint' | 'postStart' | 'preStop', string>> {
  const { command, lifecycle } = containerOf(props);
  const last = (words: readonly string[] | undefined): string => words?.at(-1) ?? '';
  return {
    entrypoint: last(command),
    postStart: last(lifecycle?.postStart.exec.command),
    preStop: last(lifecycle?.preStop.exec.command),
  };
}
