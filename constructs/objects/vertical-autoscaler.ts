import { type Finding, quantityValue } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { mainName } from '../pod/main-name.js';
import type { ObjectOf } from './app-objects.js';

type Amounts = { readonly cpu?: string; readonly memory?: string };

/** How large an app's requests should be, by what its pods have used. Needs the Vertical Pod Autoscaler in the cluster. */
export interface VerticalScaling {
  /**
   * - `recommend` only writes into the status of the VerticalPodAutoscaler what it would set.
   * - `initial` sets the requests of new pods.
   * - `recreate` also evicts pods whose requests are far off; a pod that goes so goes through the app's hooks and its budget.
   */
  readonly mode: 'recommend' | 'initial' | 'recreate';
  /** Default: both. */
  readonly resources?: readonly ('cpu' | 'memory')[];
  /** Requests are never set lower. Default: no bound. */
  readonly min?: Amounts;
  /** Requests are never set higher. Default: no bound. */
  readonly max?: Amounts;
}

const updateModes = { recommend: 'Off', initial: 'Initial', recreate: 'Recreate' } as const;

/** The VerticalPodAutoscaler of the Deployment, a kind that Kubernetes itself does not have. */
export const verticalAutoscalerObject: ObjectOf = ({ props, workload }) => {
  const { verticalScaling } = props;
  if (verticalScaling === undefined) return undefined;
  const { mode, resources = ['cpu', 'memory'], min, max } = verticalScaling;
  return {
    id: 'vertical-autoscaler',
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    name: workload.name,
    labels: workload.labels,
    body: {
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload.name },
        updatePolicy: { updateMode: updateModes[mode] },
        resourcePolicy: {
          containerPolicies: [
            {
              containerName: mainName,
              controlledResources: [...new Set(resources)].sort(),
              ...(min && { minAllowed: { ...min } }),
              ...(max && { maxAllowed: { ...max } }),
            },
          ],
        },
      },
    },
  };
};

/** Bounds that are none, and a second autoscaler on one metric: each would undo what the other did. */
export function verticalScalingFindings({ verticalScaling, scaling }: YouzanAppProps): Finding[] {
  if (verticalScaling === undefined) return [];
  const { mode, resources = ['cpu', 'memory'], min = {}, max = {} } = verticalScaling;
  const findings: Finding[] = [];
  const find = (path: string, message: string): void => {
    findings.push({ path: `verticalScaling.${path}`, message });
  };
  if (resources.length === 0) find('resources', 'names none of cpu and memory');
  if (mode !== 'recommend') {
    const both = resources.filter((name) => scaling?.[name] !== undefined);
    if (both.length > 0)
      find(
        'mode',
        `is ${mode} for ${both.join(' and ')}, by which scaling works too: only recommend may stand beside it`,
      );
  }
  for (const [path, amounts] of Object.entries({ min, max })) {
    for (const [name, quantity] of Object.entries(amounts)) {
      if (!((quantityValue(quantity) ?? 0) > 0))
        find(`${path}.${name}`, `"${quantity}" is no quantity above 0, such as 500m, 2 or 1Gi`);
    }
  }
  for (const name of ['cpu', 'memory'] as const) {
    if ((quantityValue(max[name] ?? '') ?? Infinity) < (quantityValue(min[name] ?? '') ?? 0))
      find(`max.${name}`, `is ${max[name] ?? ''}, less than min, which is ${min[name] ?? ''}`);
  }
  return findings;
}
