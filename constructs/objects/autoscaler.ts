import { k8s } from 'cdk8s-plus-28';
import {
  type Finding,
  isLabelKey,
  isLabelValue,
  quantityValue,
  youzanConventions,
} from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { jsonOf } from '../pod/json.js';
import { resourcesOf } from '../pod/resources.js';
import { assertNoFieldLost } from '../rules/lost-fields.js';
import type { ObjectOf } from './app-objects.js';

/** A metric that the platform serves beside CPU and memory. */
export interface CustomMetric {
  readonly name: string;
  /** `pods`: each pod has a value of its own. `external`: one value, a queue's length, is shared out to the pods. */
  readonly from: 'pods' | 'external';
  /** What one pod should have, as a quantity: `100`, `500m`. */
  readonly average: string;
  /** Only series with these labels. Default: all. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * How many pods an app has, by what they use. At least one metric is named; of several, the one that asks for most pods
 * counts.
 */
export interface Scaling {
  /** At least 1. */
  readonly min: number;
  readonly max: number;
  /** Average use in percent of the CPU request. */
  readonly cpu?: number;
  /** Average use in percent of the memory request, or as a quantity for each pod: `800Mi`. */
  readonly memory?: number | string;
  readonly custom?: readonly CustomMetric[];
  /** How fast. Default: Kubernetes' own: up at once, down after five minutes of less. */
  readonly behavior?: k8s.HorizontalPodAutoscalerBehaviorV2;
}

/** The HorizontalPodAutoscaler of the Deployment. */
export const autoscalerObject: ObjectOf = ({ props, workload }) => {
  const { scaling } = props;
  if (scaling === undefined) return undefined;
  const { min, max, behavior } = scaling;
  const input: k8s.HorizontalPodAutoscalerSpecV2 = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload.name },
    minReplicas: min,
    maxReplicas: max,
    metrics: metricsOf(scaling),
    ...(behavior && { behavior }),
  };
  const spec: unknown = k8s.toJson_HorizontalPodAutoscalerSpecV2(input);
  assertNoFieldLost(input, spec, 'scaling');
  return {
    id: 'autoscaler',
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    name: workload.name,
    labels: workload.labels,
    body: { spec: jsonOf(spec) },
  };
};

function metricsOf({ cpu, memory, custom = [] }: Scaling): k8s.MetricSpecV2[] {
  const averageOf = (quantity: string): k8s.MetricTargetV2 => ({
    type: 'AverageValue',
    averageValue: k8s.Quantity.fromString(quantity),
  });
  const resource = (name: string, wanted: number | string | undefined): k8s.MetricSpecV2[] => {
    if (wanted === undefined) return [];
    const target = typeof wanted === 'string' ? averageOf(wanted) : { type: 'Utilization', averageUtilization: wanted };
    return [{ type: 'Resource', resource: { name, target } }];
  };
  const further = custom.map(({ name, from, average, labels }): k8s.MetricSpecV2 => {
    const source = {
      metric: { name, ...(labels && { selector: { matchLabels: { ...labels } } }) },
      target: averageOf(average),
    };
    return from === 'pods' ? { type: 'Pods', pods: source } : { type: 'External', external: source };
  });
  return [...resource('cpu', cpu), ...resource('memory', memory), ...further];
}

/** Bounds that are none, and metrics that nobody could measure. */
export function scalingFindings(props: YouzanAppProps): Finding[] {
  const { scaling, conventions = youzanConventions } = props;
  if (scaling === undefined) return [];
  const { min, max, cpu, memory, custom = [] } = scaling;
  const findings: Finding[] = [];
  const find = (path: string, message: string): void => {
    findings.push({ path: path === '' ? 'scaling' : `scaling.${path}`, message });
  };
  for (const [name, value] of Object.entries({ min, max })) {
    if (!isCount(value)) find(name, `is ${value}; allowed: a whole number of at least 1`);
  }
  if (isCount(min) && isCount(max) && max < min) find('max', `is ${max}, less than min, which is ${min}`);
  if (cpu === undefined && memory === undefined && custom.length === 0)
    find('', 'names no metric: cpu, memory or custom');
  const { requests = {}, limits = {} } = resourcesOf(props, conventions);
  for (const [name, value] of [
    ['cpu', cpu],
    ['memory', memory],
  ] as const) {
    if (typeof value === 'string' && !isAmount(value)) find(name, `"${value}" is no quantity above 0, such as 800Mi`);
    if (typeof value !== 'number') continue;
    if (!isCount(value)) find(name, `is ${value}; allowed: a whole number of percent, at least 1`);
    // Kubernetes takes a limit for the request where there is none.
    if (requests[name] === undefined && limits[name] === undefined)
      find(name, `is in percent of the ${name} request, and the app has none: name it in resources`);
  }
  custom.forEach(({ name, average, labels = {} }, at) => {
    if (!/^[^\s/]+$/.test(name)) find(`custom.${at}.name`, `"${name}" is no name of a metric: no blanks, no slash`);
    if (!isAmount(average)) find(`custom.${at}.average`, `"${average}" is no quantity above 0, such as 100 or 500m`);
    for (const [key, value] of Object.entries(labels)) {
      if (!isLabelKey(key) || !isLabelValue(value)) find(`custom.${at}.labels`, `"${key}=${value}" is no label`);
    }
  });
  return findings;
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
const isAmount = (quantity: string): boolean => (quantityValue(quantity) ?? 0) > 0;
