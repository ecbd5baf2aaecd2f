import type { AppCommand } from '../../src/app-yaml/index.js';
import { type Finding, isDnsLabel } from '../../src/conventions/index.js';
import { takenSuffixes } from '../app/check-props.js';
import type { AnyVariantProps, ServingVariantProps } from '../app/youzan-app-props.js';

/** What one-off and scheduled jobs have in common. */
export interface JobProps extends AnyVariantProps, Pick<ServingVariantProps, 'sc'> {
  /** Tells the job from the app that it belongs to: `migrate`. Default: the app itself is this job. */
  readonly name?: string;
  /** What it runs. Default: app.yaml's entrypoint. */
  readonly command?: AppCommand;
  /** Past so many seconds its pods are ended, and it has failed. At least 1. */
  readonly activeDeadlineSeconds: number;
  /** So many pods may fail, drained and evicted ones not counted, and another is started. Default: 0. */
  readonly backoffLimit?: number;
}

/** The props as a pod of the job runs them: it opens no ports. */
export function jobAppProps<Props extends JobProps>(props: Props): Props {
  const { spec, command = spec.entrypoint } = props;
  return { ...props, spec: { ...spec, entrypoint: command, ports: {} } };
}

/** Numbers that are none, by prop, each with the least that is allowed. */
export function countFindings(counts: readonly (readonly [prop: string, value: number, least: number])[]): Finding[] {
  return counts
    .filter(([, value, least]) => !(Number.isInteger(value) && value >= least))
    .map(([path, value, least]) => ({ path, message: `is ${value}; allowed: a whole number of at least ${least}` }));
}

export function jobFindings({ name, activeDeadlineSeconds, backoffLimit = 0 }: JobProps): Finding[] {
  const taken = takenSuffixes.some((word) => word === name);
  return [
    ...(name === undefined || isDnsLabel(name) ? [] : [{ path: 'name', message: `"${name}" is no DNS label` }]),
    ...(taken ? [{ path: 'name', message: `"${name ?? ''}" would give it the name of another workload` }] : []),
    ...countFindings([
      ['activeDeadlineSeconds', activeDeadlineSeconds, 1],
      ['backoffLimit', backoffLimit, 0],
    ]),
  ];
}
