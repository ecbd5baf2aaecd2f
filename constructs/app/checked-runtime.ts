import { type Conventions, type Finding, findingsError, isYouzanKubeError } from '../../src/conventions/index.js';
import { withSpecPlace } from '../rules/app-yaml-place.js';
import { specToRun } from '../variants/debug-release.js';
import { propFindings } from './check-props.js';
import { runtimeOf, type AppRuntime } from './runtime.js';
import { runsToEnd, type WorkloadKind } from './workload-kind.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/**
 * The app's scripts, made of checked props.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with everything that is wrong with the props.
 */
export function checkedRuntime(
  path: string,
  props: YouzanAppProps,
  conventions: Conventions,
  kind: WorkloadKind,
  further: readonly Finding[],
): AppRuntime {
  const ofKind = further.map((finding) => ({ ...finding, path: `${path}.${finding.path}` }));
  const findings = [...propFindings(path, props, conventions, kind), ...ofKind];
  // Scripts made of what is wrong would only say the same again.
  const sources = [`${path}.spec.`, `${path}.drainSeconds`];
  if (findings.some((finding) => sources.some((source) => finding.path.startsWith(source))))
    throw findingsError('PROPS_INVALID', `${path} is not valid`, findings);
  try {
    const { drainSeconds, placement, maxTerminationSeconds } = props;
    const runtime = runtimeOf(specToRun(props), conventions, {
      hookless: runsToEnd(kind),
      drainSeconds,
      placement,
      maxTerminationSeconds,
    });
    if (findings.length === 0) return runtime;
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    findings.push(withSpecPlace({ path: `${path}.spec`, message: error.message }, path, props.spec));
  }
  throw findingsError('PROPS_INVALID', `${path} is not valid`, findings);
}
