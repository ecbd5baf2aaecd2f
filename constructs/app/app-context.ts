import {
  conventionsOfKind,
  portRoles,
  youzanConventions,
  type Conventions,
  type Finding,
} from '../../src/conventions/index.js';
import { debugReleaseOf } from '../variants/debug-release.js';
import { checkedRuntime } from './checked-runtime.js';
import type { AppRuntime } from './runtime.js';
import { workloadOf, type Workload } from './workload.js';
import type { WorkloadKind } from './workload-kind.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** One workload of an app while its manifests are made: all that a part of a pod or an object is made from. */
export interface AppContext {
  readonly props: YouzanAppProps;
  /** As they are for the app's kind. */
  readonly conventions: Conventions;
  readonly workloadKind: WorkloadKind;
  readonly workload: Workload;
  readonly runtime: AppRuntime;
}

interface ContextOptions {
  /** Default: a Deployment, and for a debug release a Job. */
  readonly workloadKind?: WorkloadKind;
  /** Tells a job from the app's other workloads. */
  readonly jobName?: string | undefined;
  /** What is wrong with props that only this kind of workload has; a path is the prop's. */
  readonly findings?: readonly Finding[];
}

/**
 * Checks the props and completes them.
 *
 * @param path the construct's, for the findings.
 * @throws YouzanKubeError `PROPS_INVALID` with every finding.
 */
export function appContext(
  path: string,
  props: YouzanAppProps,
  { workloadKind = kindOf(props), jobName, findings = [] }: ContextOptions = {},
): AppContext {
  const conventions = conventionsOfKind(props.spec.kind, props.conventions ?? youzanConventions);
  const runtime = checkedRuntime(path, props, conventions, workloadKind, findings);
  const workload = workloadOf(props, conventions, workloadKind, jobName);
  return { props: inOrder(props), conventions, runtime, workloadKind, workload };
}

/** With the ports by role, whatever the order in which they were written. */
function inOrder(props: YouzanAppProps): YouzanAppProps {
  const { spec } = props;
  const ports = portRoles.flatMap((role) =>
    spec.ports[role] === undefined ? [] : [[role, spec.ports[role]] as const],
  );
  return { ...props, spec: { ...spec, ports: Object.fromEntries(ports) } };
}

const kindOf = (props: YouzanAppProps): WorkloadKind => (debugReleaseOf(props) === undefined ? 'Deployment' : 'Job');
