import { describe, expect, it } from 'vitest';
import { type ManifestObject, type Scaling, synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { deploymentOf, serviceOf } from './objects.js';
import { debugged, demoSpec, fullSpec, propsOf } from './specs.js';

const props = propsOf(demoSpec);
const objectOf = (kind: string, of: YouzanAppProps): ManifestObject | undefined =>
  synthApp(of).objects.find((object) => object.kind === kind);
const specOf = (kind: string, of: YouzanAppProps): unknown => objectOf(kind, of)?.['spec'];
const autoscalerOf = (scaling: Scaling): unknown => specOf('HorizontalPodAutoscaler', { ...props, scaling });
/** Props that no compiler would take, as they come from JavaScript. */
const untyped = (patch: object): YouzanAppProps => ({ ...props, ...patch });

describe('an app that scales', () => {
  it('has an autoscaler of its Deployment with its bounds', () => {
    const made = objectOf('HorizontalPodAutoscaler', {
      ...props,
      color: 'gray',
      scaling: { min: 2, max: 10, cpu: 60 },
    });
    expect(made).toMatchObject({
      apiVersion: 'autoscaling/v2',
      metadata: { name: 'trade-core-gray', namespace: 'trade', labels: { 'youzan.com/color': 'gray' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'trade-core-gray' },
        minReplicas: 2,
        maxReplicas: 10,
      },
    });
  });

  const bounds = { min: 1, max: 2 };
  it.each<[string, Omit<Scaling, 'min' | 'max'>, object[]]>([
    [
      'its CPU in percent of the request',
      { cpu: 60 },
      [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
    ],
    [
      'its memory in percent of the request',
      { memory: 80 },
      [{ type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 80 } } }],
    ],
    [
      'its memory as a quantity',
      { memory: '800Mi' },
      [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '800Mi' } } }],
    ],
    [
      'a metric of its pods',
      { custom: [{ name: 'requests_per_second', from: 'pods', average: '100' }] },
      [
        {
          type: 'Pods',
          pods: { metric: { name: 'requests_per_second' }, target: { type: 'AverageValue', averageValue: '100' } },
        },
      ],
    ],
    [
      'a metric from outside',
      { custom: [{ name: 'lag', from: 'external', average: '500m', labels: { topic: 'orders' } }] },
      [
        {
          type: 'External',
          external: {
            metric: { name: 'lag', selector: { matchLabels: { topic: 'orders' } } },
            target: { type: 'AverageValue', averageValue: '500m' },
          },
        },
      ],
    ],
  ])('scales by %s', (_, metric, metrics) => {
    expect(autoscalerOf({ ...bounds, ...metric })).toMatchObject({ metrics });
  });

  it('scales by several metrics at once', () => {
    const spec = autoscalerOf({ ...bounds, cpu: 60, memory: 80 }) as { metrics: object[] };
    expect(spec.metrics).toHaveLength(2);
  });

  it('scales as fast as it says', () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 600 } };
    expect(autoscalerOf({ ...bounds, cpu: 60, behavior })).toMatchObject({ behavior });
    expect(autoscalerOf({ ...bounds, cpu: 60 })).not.toHaveProperty('behavior');
  });

  it('measures against a limit where there is no request, as Kubernetes does', () => {
    const resources = { limits: { cpu: '1' } };
    expect(objectOf('HorizontalPodAutoscaler', { ...props, resources, scaling: { ...bounds, cpu: 60 } })).toBeDefined();
  });

  it('leaves its Deployment, its Service and its pods as they are', () => {
    const scaled = { ...props, scaling: { ...bounds, cpu: 60 } };
    expect([deploymentOf(scaled), serviceOf(scaled)]).toEqual([deploymentOf(props), serviceOf(props)]);
  });

  const bare = { resources: {} };
  const custom = { name: 'lag', from: 'pods', average: '1' };
  it.each<[string, object, string]>([
    ['no pod', { scaling: { min: 0, max: 2, cpu: 60 } }, 'scaling.min: is 0; allowed: a whole number of at least 1'],
    [
      'half a pod',
      { scaling: { min: 1, max: 1.5, cpu: 60 } },
      'scaling.max: is 1.5; allowed: a whole number of at least 1',
    ],
    ['less than least', { scaling: { min: 3, max: 2, cpu: 60 } }, 'scaling.max: is 2, less than min, which is 3'],
    ['no metric', { scaling: bounds }, 'scaling: names no metric: cpu, memory or custom'],
    [
      'nothing to measure the CPU by',
      { ...bare, scaling: { ...bounds, cpu: 60 } },
      'scaling.cpu: is in percent of the cpu request, and the app has none: name it in resources',
    ],
    [
      'nothing to measure the memory by',
      { ...bare, scaling: { ...bounds, memory: 60 } },
      'scaling.memory: is in percent of the memory request, and the app has none: name it in resources',
    ],
    [
      'no percent',
      { scaling: { ...bounds, cpu: 0 } },
      'scaling.cpu: is 0; allowed: a whole number of percent, at least 1',
    ],
    [
      'no quantity',
      { scaling: { ...bounds, memory: '1Gb' } },
      'scaling.memory: "1Gb" is no quantity above 0, such as 800Mi',
    ],
    [
      'a metric without a name',
      { scaling: { ...bounds, custom: [{ ...custom, name: '' }] } },
      'scaling.custom.0.name: "" is no name of a metric: no blanks, no slash',
    ],
    [
      'a metric without an amount',
      { scaling: { ...bounds, custom: [custom, { ...custom, average: '0' }] } },
      'scaling.custom.1.average: "0" is no quantity above 0, such as 100 or 500m',
    ],
    [
      'a label that is none',
      { scaling: { ...bounds, custom: [{ ...custom, labels: { topic: 'a b' } }] } },
      'scaling.custom.0.labels: "topic=a b" is no label',
    ],
  ])('is refused with %s', (_, patch, finding) => {
    expect(() => synthApp(untyped(patch))).toThrow(`bc-a/trade-core.${finding}`);
  });

  it('may measure an amount of memory without any request', () => {
    expect(synthApp(untyped({ ...bare, scaling: { ...bounds, memory: '1Gi' } })).objects).toHaveLength(4);
  });
});

describe('an app whose requests are looked at', () => {
  const kind = 'VerticalPodAutoscaler';

  it('has its requests recommended, and nothing changed', () => {
    expect(objectOf(kind, { ...props, verticalScaling: { mode: 'recommend' } })).toMatchObject({
      apiVersion: 'autoscaling.k8s.io/v1',
      metadata: { name: 'trade-core', namespace: 'trade' },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'trade-core' },
        updatePolicy: { updateMode: 'Off' },
        resourcePolicy: { containerPolicies: [{ containerName: 'app', controlledResources: ['cpu', 'memory'] }] },
      },
    });
  });

  it.each([
    ['initial' as const, 'Initial'],
    ['recreate' as const, 'Recreate'],
  ])('has them set in mode %s, within its bounds', (mode, updateMode) => {
    const verticalScaling = { mode, resources: ['memory' as const], min: { memory: '1Gi' }, max: { memory: '4Gi' } };
    expect(specOf(kind, { ...props, verticalScaling })).toMatchObject({
      updatePolicy: { updateMode },
      resourcePolicy: {
        containerPolicies: [
          {
            containerName: 'app',
            controlledResources: ['memory'],
            minAllowed: { memory: '1Gi' },
            maxAllowed: { memory: '4Gi' },
          },
        ],
      },
    });
  });

  const scaling = { min: 1, max: 2, cpu: 60 };
  it.each<[string, object]>([
    ['recommends beside an autoscaler', { scaling, verticalScaling: { mode: 'recommend' } }],
    ['sets memory beside one by CPU', { scaling, verticalScaling: { mode: 'recreate', resources: ['memory'] } }],
  ])('may be one that %s', (_, patch) => {
    expect(objectOf(kind, untyped(patch))).toBeDefined();
  });

  it.each<[string, object, string]>([
    [
      'by the metric that its pods are counted by',
      { scaling: { ...scaling, memory: 80 }, verticalScaling: { mode: 'initial' } },
      'verticalScaling.mode: is initial for cpu and memory, by which scaling works too: only recommend may stand beside it',
    ],
    [
      'for nothing',
      { verticalScaling: { mode: 'recommend', resources: [] } },
      'verticalScaling.resources: names none of cpu and memory',
    ],
    [
      'with a bound that is none',
      { verticalScaling: { mode: 'initial', min: { cpu: 'half' } } },
      'verticalScaling.min.cpu: "half" is no quantity above 0, such as 500m, 2 or 1Gi',
    ],
    [
      'with bounds the wrong way round',
      { verticalScaling: { mode: 'initial', min: { cpu: '2' }, max: { cpu: '1' } } },
      'verticalScaling.max.cpu: is 1, less than min, which is 2',
    ],
  ])('is refused %s', (_, patch, finding) => {
    expect(() => synthApp(untyped(patch))).toThrow(`bc-a/trade-core.${finding}`);
  });
});

describe('the budget for drains', () => {
  const kind = 'PodDisruptionBudget';

  it('lets one pod of the workload be away, when nothing is said, so that a single pod can be moved', () => {
    const spec = { maxUnavailable: 1, selector: deploymentOf(props).spec.selector };
    expect(specOf(kind, props)).toEqual(spec);
  });

  it.each([3, '25%', '100%'])('lets %s be away', (maxUnavailable) => {
    expect(specOf(kind, { ...props, disruptionBudget: { maxUnavailable } })).toMatchObject({ maxUnavailable });
  });

  it('counts the pods of one color', () => {
    const gray: YouzanAppProps = { ...propsOf(fullSpec), color: 'gray', sc: 'f1' };
    expect(specOf(kind, gray)).toMatchObject({ selector: deploymentOf(gray).spec.selector });
  });

  it('can be left out', () => {
    expect(objectOf(kind, { ...props, disruptionBudget: false })).toBeUndefined();
  });

  it('is none for a debug release', () => {
    expect(objectOf(kind, debugged(props))).toBeUndefined();
  });

  it.each([0, 1.5, '0%', '101%', '2'])('is refused when it lets %s be away', (maxUnavailable) => {
    expect(() => synthApp(untyped({ disruptionBudget: { maxUnavailable } }))).toThrow(
      `bc-a/trade-core.disruptionBudget.maxUnavailable: is ${JSON.stringify(maxUnavailable)}; allowed: a whole number of at least 1, or 1% to 100%; false for no budget`,
    );
  });
});

describe('what the compiler refuses', () => {
  it('is refused by tsc, which checks this file', () => {
    const { spec, image, version, cluster, idc, env, namespace } = props;
    const debug = { spec, image, version, cluster, idc, env, namespace, debug: true as const };
    // @ts-expect-error a debug release has one pod
    const scaled: YouzanAppProps = { ...debug, scaling: { min: 1, max: 2, cpu: 60 } };
    // @ts-expect-error a debug release keeps its requests
    const resized: YouzanAppProps = { ...debug, verticalScaling: { mode: 'recommend' } };
    // @ts-expect-error a debug release has no budget
    const budgeted: YouzanAppProps = { ...debug, disruptionBudget: { maxUnavailable: 1 } };
    // @ts-expect-error both bounds are named
    const endless: YouzanAppProps = { ...props, scaling: { min: 1, cpu: 60 } };
    expect([scaled, resized, budgeted, endless]).toHaveLength(4);
  });
});
