import { conventionsOfKind, youzanConventions, type Conventions } from '../../src/conventions/index.js';
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

/**
 * Checks the props and completes them.
 *
 * @param path the construct's, for the findings.
 * @param workloadKind default: a Deployment, and for a debug release a Job.
 * @param jobName tells a job from the app's other workloads.
 * @throws YouzanKubeError `PROPS_INVALID` with every finding.
 */
export function appContext(
  path: string,
  props: YouzanAppProps,
  workloadKind: WorkloadKind = debugReleaseOf(props) === undefined ? 'Deployment' : 'Job',
  jobName?: string,
): AppContext {
  const conventions = conventionsOfKind(props.spec.kind, props.conventions ?? youzanConventions);
  const runtime = checkedRuntime(path, props, conventions, workloadKind);
  const workload = workloadOf(props, conventions, workloadKind, jobName);
  return { props, conventions, runtime, workloadKind, workload };
}
