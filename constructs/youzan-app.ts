import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { findingsError, isYouzanKubeError, youzanConventions, type Conventions } from '../src/conventions/index.js';
import { propFindings } from './check-props.js';
import { deploymentSpecOf } from './deployment-spec.js';
import { runtimeOf, type AppRuntime } from './runtime.js';
import { workloadOf } from './workload.js';
import type { YouzanAppProps } from './youzan-app-props.js';

/**
 * One workload of an app in one cluster: its Service and its Deployment, with labels, ports by role, the rich
 * container's entrypoint and the lifecycle hooks. Names and selectors come from the props alone: the construct's id and
 * its place in the tree change no byte.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * const spec = parseAppYaml(readFileSync('trade-core/app.yaml', 'utf8'), { file: 'trade-core/app.yaml' });
 * new YouzanApp(chart, 'trade-core', {
 *   spec,
 *   image: 'registry.example/trade-core:1.4.0',
 *   version: '1.4.0',
 *   idc: 'bc',
 *   cluster: 'bc-a',
 *   env: 'prod',
 *   namespace: 'trade',
 * });
 */
export class YouzanApp extends Construct {
  /** Name of the Deployment and of the Service. */
  readonly name: string;
  /** `undefined` for a debug release, which takes no traffic, and for an app without ports. */
  readonly service: ApiObject | undefined;
  readonly deployment: ApiObject;

  constructor(scope: Construct, id: string, props: YouzanAppProps) {
    super(scope, id);
    const { spec, namespace, conventions = youzanConventions } = props;
    const runtime = checkedRuntime(this.node.path, props, conventions);
    const workload = workloadOf(props, conventions);
    const { name } = workload;
    const ports = Object.entries(spec.ports).map(([role, port]) => ({
      name: role,
      port,
      targetPort: k8s.IntOrString.fromString(role),
      protocol: 'TCP',
    }));
    this.name = name;
    if (props.debug !== true && ports.length > 0) {
      this.service = new ApiObject(this, 'service', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace, labels: { ...workload.serviceLabels } },
        spec: k8s.toJson_ServiceSpec({ selector: workload.selector, ports }),
      });
    }
    this.deployment = new ApiObject(this, 'deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { ...workload.labels } },
      spec: k8s.toJson_DeploymentSpec(deploymentSpecOf(props, conventions, runtime, workload)),
    });
  }
}

/** The app's scripts; throws with everything that is wrong with the props. */
function checkedRuntime(path: string, props: YouzanAppProps, conventions: Conventions): AppRuntime {
  const findings = propFindings(path, props, conventions);
  // Scripts made of what is wrong would only say the same again.
  const sources = [`${path}.spec.`, `${path}.drainSeconds`];
  if (findings.some((finding) => sources.some((source) => finding.path.startsWith(source))))
    throw findingsError('PROPS_INVALID', `${path} is not valid`, findings);
  try {
    const runtime = runtimeOf(props.spec, conventions, props);
    if (findings.length === 0) return runtime;
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
    findings.push({ path: `${path}.spec`, message: error.message });
  }
  throw findingsError('PROPS_INVALID', `${path} is not valid`, findings);
}
