import { conventionsOfKind, youzanConventions, type Conventions } from '../../src/conventions/index.js';
import { checkedRuntime } from './checked-runtime.js';
import type { AppRuntime } from './runtime.js';
import { workloadOf, type Workload } from './workload.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/** One workload of an app while its manifests are made: all that a part of a pod or an object is made from. */
export interface AppContext {
  readonly props: YouzanAppProps;
  /** As they are for the app's kind. */
  readonly conventions: Conventions;
  readonly workload: Workload;
  readonly runtime: AppRuntime;
}

/**
 * Checks the props and completes them.
 *
 * @param path the construct's, for the findings.
 * @throws YouzanKubeError `PROPS_INVALID` with every finding.
 */
export function appContext(path: string, props: YouzanAppProps): AppContext {
  const conventions = conventionsOfKind(props.spec.kind, props.conventions ?? youzanConventions);
  const runtime = checkedRuntime(path, props, conventions);
  return { props, conventions, runtime, workload: workloadOf(props, conventions) };
}
