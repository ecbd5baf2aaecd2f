import { describe, expect, it } from 'vitest';
import { synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { debugged, demoSpec, fullSpec, propsOf, seedSpec } from './specs.js';
import { modelsVersion, strictFindings } from './strict.js';

const types: Readonly<Record<string, string>> = { Service: 'V1Service', Deployment: 'V1Deployment' };

const deployment = (container: object, spec: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: { selector: {}, template: { spec: { containers: [{ name: 'app', ...container }] } }, ...spec },
});

describe('the strict check', () => {
  it('has the types of Kubernetes 1.34', () => {
    expect(modelsVersion()).toBe('v1.34.0');
  });

  it.each<[string, object, string[]]>([
    ['a good object', deployment({ ports: [{ containerPort: 8030 }] }), []],
    [
      'a misspelt field',
      deployment({ readinesProbe: {} }),
      ['V1Deployment.spec.template.spec.containers[0].readinesProbe: V1Container has no such field'],
    ],
    [
      'a port as text',
      deployment({ ports: [{ containerPort: '8030' }] }),
      ['V1Deployment.spec.template.spec.containers[0].ports[0].containerPort: string where number is wanted'],
    ],
    [
      'a fraction',
      deployment({}, { minReadySeconds: 1.5 }),
      ['V1Deployment.spec.minReadySeconds: number where number is wanted'],
    ],
    [
      'a value that is no text',
      deployment({ env: [{ name: 'A', value: 1 }] }),
      ['V1Deployment.spec.template.spec.containers[0].env[0].value: number where string is wanted'],
    ],
    [
      'a missing field',
      deployment({ env: [{ value: '1' }] }),
      ['V1Deployment.spec.template.spec.containers[0].env[0]: required field name is missing'],
    ],
    [
      'a null',
      deployment({ lifecycle: null }),
      ['V1Deployment.spec.template.spec.containers[0].lifecycle: null where V1Lifecycle is wanted'],
    ],
    [
      'a map for a list',
      deployment({}, { template: { spec: { containers: {} } } }),
      ['V1Deployment.spec.template.spec.containers: object where a list is wanted'],
    ],
    [
      'a quantity that is a number',
      deployment({ resources: { limits: { cpu: 2 } } }),
      ['V1Deployment.spec.template.spec.containers[0].resources.limits.cpu: number where string is wanted'],
    ],
  ])('of %s finds what is wrong', (_, object, findings) => {
    expect(strictFindings(object, 'V1Deployment')).toEqual(findings);
  });
});

describe("the manifests are Kubernetes 1.34's types", () => {
  const serving = propsOf(fullSpec);
  it.each<[string, YouzanAppProps]>([
    ["the seed's app", propsOf(seedSpec)],
    ["the demo's app", propsOf(demoSpec)],
    ['every key of app.yaml', serving],
    ['gray', { ...serving, color: 'gray' }],
    ['a service chain', { ...serving, sc: 'feature-1' }],
    ['macvlan', { ...serving, macvlan: { network: 'kube-system/bc-vlan-12' } }],
    ['a second network', { ...serving, macvlan: { network: 'bc-vlan-12', as: 'second' } }],
    ['debug', debugged(serving)],
    ['own resources', { ...serving, resources: { limits: { cpu: '1' } } }],
  ])('%s', (_, props) => {
    const { objects } = synthApp(props);
    expect(objects.flatMap((object) => strictFindings(object, types[object.kind] ?? object.kind))).toEqual([]);
  });
});
