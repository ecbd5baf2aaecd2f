import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { Finding } from '../../src/conventions/index.js';
import { type AppContext, appContext } from '../app/app-context.js';
import type { AnyVariantProps, ServingVariantProps } from '../app/youzan-app-props.js';
import { apiObject } from '../objects/api-object.js';
import type { AppObject } from '../objects/app-objects.js';
import { disruptionBudgetObject } from '../objects/disruption-budget.js';
import { serviceObject } from '../objects/service.js';
import { jsonOf } from '../pod/json.js';
import { podTemplateOf } from '../pod/pod-template.js';
import { unpublishedLabels } from './unpublished.js';
import { type VolumeClaim, claimsPart, claimTemplates, volumeClaimFindings } from './volume-claim.js';

/** What `YouzanStatefulApp` makes manifests of. It has no colors: two sets of volumes are two apps. */
export interface YouzanStatefulAppProps
  extends
    AnyVariantProps,
    Pick<ServingVariantProps, 'sc' | 'publishDeadlineSeconds' | 'drainSeconds' | 'disruptionBudget'> {
  /** Volumes of each pod. Default: none, for an app that only needs names that stay. */
  readonly volumeClaims?: readonly VolumeClaim[];
  /**
   * `ordered` starts a pod when the one before is ready, and ends them from the last on; `parallel` all at once. Updates are
   * one by one, from the last on, either way. Default: `ordered`.
   */
  readonly podManagement?: 'ordered' | 'parallel';
  /** Number of the first pod: `trade-store-0`. Default: 0. */
  readonly firstOrdinal?: number;
}

/**
 * An app whose pods have names and volumes that stay: a StatefulSet, with the labels, hooks and rich container of every app.
 * Its Service is published to the gateway like any app's. Its pods find each other, also before they are ready, by a headless
 * Service that is not published: `trade-store-0.trade-store-headless`. There are no replicas in it: those of a new one are 1,
 * and `kubectl scale` changes them.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * new YouzanStatefulApp(chart, 'trade-store', {
 *   spec, image: 'registry.example/trade-store:1.4.0', version: '1.4.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade',
 *   volumeClaims: [{ name: 'data', mountPath: '/data', size: '20Gi' }],
 * });
 */
export class YouzanStatefulApp extends Construct {
  /** Name of the StatefulSet and of the published Service. */
  readonly name: string;
  readonly statefulSet: ApiObject;

  constructor(scope: Construct, id: string, props: YouzanStatefulAppProps) {
    super(scope, id);
    const context = appContext(this.node.path, props, {
      workloadKind: 'StatefulSet',
      findings: [...volumeClaimFindings(props.volumeClaims ?? []), ...ordinalFindings(props)],
    });
    this.name = context.workload.name;
    for (const object of [serviceObject(context), headlessService(context), disruptionBudgetObject(context)]) {
      if (object !== undefined) apiObject(this, props.namespace, object);
    }
    this.statefulSet = apiObject(this, props.namespace, statefulSet(context, props));
  }
}

const headlessName = (name: string): string => `${name}-headless`;

/** Names for the pods. Its slices have also those that are not ready: k8s-sync must not take it for a source. */
function headlessService({ conventions, workload }: AppContext): AppObject {
  const { name, selector, serviceLabels } = workload;
  const spec: unknown = k8s.toJson_ServiceSpec({ clusterIp: 'None', publishNotReadyAddresses: true, selector });
  return {
    id: 'headless-service',
    apiVersion: 'v1',
    kind: 'Service',
    name: headlessName(name),
    labels: unpublishedLabels(serviceLabels, conventions),
    body: { spec: jsonOf(spec) },
  };
}

function statefulSet(context: AppContext, props: YouzanStatefulAppProps): AppObject {
  const { conventions, workload } = context;
  const { name, labels, selector } = workload;
  const { volumeClaims = [], podManagement = 'ordered', firstOrdinal = 0, publishDeadlineSeconds } = props;
  const spec: unknown = k8s.toJson_StatefulSetSpec({
    serviceName: headlessName(name),
    selector: { matchLabels: selector },
    podManagementPolicy: podManagement === 'ordered' ? 'OrderedReady' : 'Parallel',
    minReadySeconds: publishDeadlineSeconds ?? conventions.publishDeadlineSeconds,
    updateStrategy: { type: 'RollingUpdate' },
    ...(firstOrdinal > 0 && { ordinals: { start: firstOrdinal } }),
    ...(volumeClaims.length > 0 && { volumeClaimTemplates: claimTemplates(volumeClaims) }),
    template: {},
  });
  const template = podTemplateOf(context, claimsPart(volumeClaims));
  return {
    id: 'stateful-set',
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    name,
    labels,
    body: { spec: { ...jsonOf(spec), template } },
  };
}

function ordinalFindings({ firstOrdinal = 0 }: YouzanStatefulAppProps): Finding[] {
  if (Number.isInteger(firstOrdinal) && firstOrdinal >= 0) return [];
  return [{ path: 'firstOrdinal', message: `is ${firstOrdinal}; allowed: a whole number of at least 0` }];
}
