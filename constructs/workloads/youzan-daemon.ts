import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { Finding } from '../../src/conventions/index.js';
import { type AppContext, appContext } from '../app/app-context.js';
import type { AnyVariantProps } from '../app/youzan-app-props.js';
import { apiObject } from '../objects/api-object.js';
import type { AppObject } from '../objects/app-objects.js';
import { serviceObject } from '../objects/service.js';
import { jsonOf } from '../pod/json.js';
import { podTemplateOf } from '../pod/pod-template.js';

/** What `YouzanDaemon` makes manifests of. */
export interface YouzanDaemonProps extends AnyVariantProps {
  /** With it the pods are published to the gateway, and go online and offline. Default: false. */
  readonly service?: boolean;
  /** How many nodes may be without their pod at once while it is updated. Default: 1. */
  readonly maxUnavailable?: number;
}

/**
 * An app with a pod on every node, or on those that `scheduling` names: a DaemonSet, with the labels and the rich container of
 * every app. As nobody sends it requests unless `service` says so, it has neither online nor offline; preload and stop it has.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * new YouzanDaemon(chart, 'log-shipper', {
 *   spec, image: 'registry.example/log-shipper:2.1.0', version: '2.1.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'logs',
 * });
 */
export class YouzanDaemon extends Construct {
  /** Name of the DaemonSet and of the Service. */
  readonly name: string;
  readonly daemonSet: ApiObject;
  /** `undefined` unless the props say so. */
  readonly service: ApiObject | undefined;

  constructor(scope: Construct, id: string, props: YouzanDaemonProps) {
    super(scope, id);
    const served = props.service === true;
    const hooks = served ? props.spec.hooks : { ...props.spec.hooks, online: false as const, offline: false as const };
    const context = appContext(
      this.node.path,
      { ...props, spec: { ...props.spec, hooks } },
      { workloadKind: 'DaemonSet', findings: updateFindings(props) },
    );
    const service = served ? serviceObject(context) : undefined;
    this.name = context.workload.name;
    this.service = service && apiObject(this, props.namespace, service);
    this.daemonSet = apiObject(this, props.namespace, daemonSet(context, props));
  }
}

function daemonSet(context: AppContext, { maxUnavailable = 1, service = false }: YouzanDaemonProps): AppObject {
  const { conventions, workload } = context;
  const { name, labels, selector } = workload;
  const spec: unknown = k8s.toJson_DaemonSetSpec({
    selector: { matchLabels: selector },
    ...(service && { minReadySeconds: conventions.publishDeadlineSeconds }),
    updateStrategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(maxUnavailable) },
    },
    template: {},
  });
  return {
    id: 'daemon-set',
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    name,
    labels,
    body: { spec: { ...jsonOf(spec), template: podTemplateOf(context) } },
  };
}

function updateFindings({ maxUnavailable = 1 }: YouzanDaemonProps): Finding[] {
  if (Number.isInteger(maxUnavailable) && maxUnavailable >= 1) return [];
  return [{ path: 'maxUnavailable', message: `is ${maxUnavailable}; allowed: a whole number of at least 1` }];
}
