import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanStatefulAppProps } from '../../../constructs/index.js';
import { youzanConventions } from '../../../src/conventions/index.js';
import { containerOf } from '../objects.js';
import { base, objectOf, stateful, statefulBundle, workloadOf } from './bundles.js';

const keys = youzanConventions.labels;
const data = { name: 'data', mountPath: '/data', size: '20Gi' };

describe('a stateful app', () => {
  it('is the published Service, a headless one, a budget and the StatefulSet', () => {
    expect(statefulBundle().objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'Service trade-core',
      'Service trade-core-headless',
      'PodDisruptionBudget trade-core',
      'StatefulSet trade-core',
    ]);
  });

  it('has the container of an app that is not stateful: hooks, probes, variables', () => {
    expect(workloadOf(statefulBundle()).spec.template.spec.containers).toEqual([containerOf(base)]);
  });

  it('is published like one, and its headless Service, where pods are that are not ready, is not', () => {
    const bundle = statefulBundle();
    expect(objectOf(bundle, 'Service', 'trade-core')).toEqual(
      synthApp(base).objects.find(({ kind }) => kind === 'Service'),
    );
    const headless = objectOf(bundle, 'Service', 'trade-core-headless');
    expect(headless?.metadata.labels).not.toHaveProperty([keys.app]);
    expect(headless?.['spec']).toEqual({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: workloadOf(bundle).spec.selector?.matchLabels,
    });
    expect(workloadOf(bundle).spec['serviceName']).toBe('trade-core-headless');
  });

  it('starts its pods in order, and updates one when the one before has had time to be published', () => {
    expect(workloadOf(statefulBundle()).spec).toMatchObject({
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate' },
      minReadySeconds: 10,
    });
  });

  it('starts them all at once, and counts from another number, where that is said', () => {
    const props: YouzanStatefulAppProps = { ...stateful, podManagement: 'parallel', firstOrdinal: 3 };
    expect(workloadOf(statefulBundle(props)).spec).toMatchObject({
      podManagementPolicy: 'Parallel',
      ordinals: { start: 3 },
    });
  });

  it('claims a volume for each pod, and mounts it', () => {
    const volumeClaims = [data, { name: 'log', mountPath: '/log', size: '1Gi', storageClass: 'fast' }];
    const { spec } = workloadOf(statefulBundle({ ...stateful, volumeClaims }));
    expect(spec['volumeClaimTemplates']).toMatchObject([
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
      },
      { metadata: { name: 'log' }, spec: { storageClassName: 'fast' } },
    ]);
    expect(spec.template.spec.containers[0]).toMatchObject({
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'log', mountPath: '/log' },
      ],
    });
  });

  it('has a name to which Kubernetes can add a revision', () => {
    const spec = { ...stateful.spec, name: 'a'.repeat(63) };
    const { metadata } = workloadOf(statefulBundle({ ...stateful, spec }));
    expect(metadata.name).toHaveLength(52);
  });

  it.each<[string, Partial<YouzanStatefulAppProps>, string]>([
    ['a volume without a name', { volumeClaims: [{ ...data, name: '' }] }, 'volumeClaims[0].name: "" is no DNS label'],
    [
      'two volumes of one name',
      { volumeClaims: [data, { ...data, mountPath: '/b' }] },
      '[1].name: "data" stands twice',
    ],
    ['two at one place', { volumeClaims: [data, { ...data, name: 'b' }] }, '[1].mountPath: "/data" stands twice'],
    ['a relative place', { volumeClaims: [{ ...data, mountPath: 'data' }] }, '[0].mountPath: "data" is no path'],
    ['a size that is none', { volumeClaims: [{ ...data, size: '20 GB' }] }, '[0].size: "20 GB" is no quantity above 0'],
    ['an empty class', { volumeClaims: [{ ...data, storageClass: '' }] }, '[0].storageClass: is empty'],
    ['a first pod below 0', { firstOrdinal: -1 }, 'firstOrdinal: is -1; allowed: a whole number of at least 0'],
    ['what no app may have', { version: '' }, 'bc-a/app.version: "" is no label value'],
  ])('is refused with %s', (_, patch, message) => {
    expect(() => statefulBundle({ ...stateful, ...patch })).toThrow(message);
  });

  it('is refused by tsc, which checks this file, with what only others have', () => {
    // @ts-expect-error two sets of volumes are two apps
    const gray: YouzanStatefulAppProps = { ...base, color: 'gray' };
    // @ts-expect-error a debug release is another construct's
    const debugged: YouzanStatefulAppProps = { ...base, debug: true };
    // @ts-expect-error pods with volumes are not scaled by what they use
    const scaled: YouzanStatefulAppProps = { ...base, scaling: { min: 1, max: 2, cpu: 50 } };
    // @ts-expect-error replicas are nobody's but the scale step's
    const counted: YouzanStatefulAppProps = { ...base, replicas: 3 };
    // @ts-expect-error in order or all at once
    const random: YouzanStatefulAppProps = { ...base, podManagement: 'random' };
    expect([gray, debugged, scaled, counted, random]).toHaveLength(5);
  });
});
