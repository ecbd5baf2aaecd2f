import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { appContext } from './app/app-context.js';
import type { YouzanAppProps } from './app/youzan-app-props.js';
import { apiObject } from './objects/api-object.js';
import { appObjects } from './objects/app-objects.js';

/**
 * One workload of an app in one cluster: its Service, its Deployment, its budget for drains and its autoscalers, with
 * labels, ports by role, the rich container's entrypoint and the lifecycle hooks. Names and selectors come from the props alone: the construct's id and
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
  /** Name of the workload and of the Service. */
  readonly name: string;
  /** `undefined` for a debug release, which takes no traffic, and for an app without ports. */
  readonly service: ApiObject | undefined;
  /** The Deployment; of a debug release, the Job. */
  readonly workload: ApiObject;

  constructor(scope: Construct, id: string, props: YouzanAppProps) {
    super(scope, id);
    const context = appContext(this.node.path, props);
    const made = appObjects(context).map((object) => apiObject(this, props.namespace, object));
    const workload = made.find(({ kind }) => kind === context.workloadKind);
    if (workload === undefined) throw new TypeError(`${this.node.path} has no ${context.workloadKind}`);
    this.name = context.workload.name;
    this.service = made.find(({ kind }) => kind === 'Service');
    this.workload = workload;
  }
}
