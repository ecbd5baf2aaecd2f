import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { youzanConventions } from '../../src/conventions/index.js';
import { anyProps, anyServing } from './arbitrary.js';
import { deploymentOf, serviceOf } from './objects.js';
import { debugged, demoSpec, fullSpec, propsOf } from './specs.js';

const runs = { numRuns: 40 };
const keys = youzanConventions.labels;
const identity = {
  'app.kubernetes.io/name': 'trade-core',
  'app.kubernetes.io/instance': 'trade-core-gray-f1',
  'app.kubernetes.io/part-of': 'trade',
  'app.kubernetes.io/managed-by': 'youzan-kube',
  'youzan.com/app': 'trade-core',
  'youzan.com/cluster': 'bc-a',
  'youzan.com/color': 'gray',
  'youzan.com/env': 'prod',
  'youzan.com/idc': 'bc',
  'youzan.com/sc': 'f1',
};

describe('the labels', () => {
  const props: YouzanAppProps = { ...propsOf(demoSpec), color: 'gray', sc: 'f1' };

  it('of the Deployment and of its pods say what, which, where and which version', () => {
    const { metadata, spec } = deploymentOf(props);
    const labels = { ...identity, 'app.kubernetes.io/version': '1.0.0' };
    expect([metadata.labels, spec.template.metadata.labels]).toEqual([labels, labels]);
  });

  it('of the Service, which its endpoints get too, say no version', () => {
    expect(serviceOf(props)?.metadata.labels).toEqual(identity);
  });

  it('of a debug release name its own workload, and no color', () => {
    const labels = deploymentOf(debugged(propsOf(demoSpec))).metadata.labels ?? {};
    expect(labels).toMatchObject({ [keys.instance]: 'trade-core-debug', [keys.debug]: 'true' });
    expect(labels).not.toHaveProperty([keys.color]);
  });

  it('stand on every object', () => {
    const always = [keys.name, keys.instance, keys.partOf, keys.managedBy, keys.app, keys.cluster, keys.env, keys.idc];
    fc.assert(
      fc.property(anyProps(), (any) => {
        for (const { metadata } of synthApp(any).objects)
          expect(Object.keys(metadata.labels ?? {})).toEqual(expect.arrayContaining(always));
      }),
      runs,
    );
  });

  it('tell any two workloads of a namespace apart by the instance', () => {
    const variants: YouzanAppProps[] = [
      propsOf(demoSpec),
      { ...propsOf(demoSpec), color: 'gray' },
      { ...propsOf(demoSpec), sc: 'f1' },
      props,
      debugged(props),
    ];
    const instances = variants.map((one) => deploymentOf(one).metadata.labels?.[keys.instance]);
    expect(new Set(instances).size).toBe(variants.length);
  });
});

describe('the selector', () => {
  const base = propsOf(fullSpec);
  const selectorOf = (props: YouzanAppProps): object => deploymentOf(props).spec.selector;

  it('has no label that a release or a move changes', () => {
    const changing = [keys.version, keys.cluster, keys.idc, keys.env, keys.instance, keys.partOf, keys.network];
    fc.assert(
      fc.property(anyServing(), (props) => {
        const selected = Object.keys(deploymentOf(props).spec.selector.matchLabels);
        expect(selected.filter((key) => changing.includes(key))).toEqual([]);
      }),
      runs,
    );
  });

  it.each<[string, Partial<YouzanAppProps>]>([
    ['image', { image: 'registry.example/other:2.0.0' }],
    ['version', { version: '2.0.0' }],
    ['cluster', { cluster: 'bd-b' }],
    ['idc', { idc: 'bd' }],
    ['env', { env: 'pre' }],
    ['namespace', { namespace: 'pay' }],
    ['environment', { environment: { A: '1' } }],
    ['resources', { resources: { requests: { cpu: '2' } } }],
    ['macvlan', { macvlan: { network: 'vlan', as: 'second' } }],
    ['kubernetesVersion', { kubernetesVersion: '1.30' }],
    ['publishDeadlineSeconds', { publishDeadlineSeconds: 1 }],
    ['drainSeconds', { drainSeconds: 1 }],
    ['color, as it is by default', { color: 'stable' }],
    ['spec, but for its name', { spec: { ...demoSpec, name: fullSpec.name } }],
  ])('is the same whatever the %s', (_, change) => {
    expect(selectorOf({ ...base, ...change } as YouzanAppProps)).toEqual(selectorOf(base));
  });

  it.each<[string, YouzanAppProps]>([
    ['app', { ...base, spec: { ...base.spec, name: 'other' } }],
    ['color', { ...base, color: 'gray' }],
    ['service chain', { ...base, sc: 'f1' }],
    ['debug release', debugged(base)],
  ])('is another for another %s', (_, props) => {
    expect(selectorOf(props)).not.toEqual(selectorOf(base));
  });
});
