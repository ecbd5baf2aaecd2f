import { App, Chart } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import {
  type ManifestObject,
  ProjectEnvironment,
  type ProjectEnvironmentProps,
  serviceChain,
  YouzanApp,
} from '../../../constructs/index.js';
import { demoSpec, fullSpec, propsOf } from '../specs.js';

const props: ProjectEnvironmentProps = {
  sc: 'f1',
  env: 'qa',
  idc: 'bc',
  cluster: 'bc-a',
  owner: 'pay-team',
  apps: [demoSpec],
  traffic: { namespaces: ['trade'], blocks: ['10.77.0.0/24'] },
};

type Loose = ManifestObject & {
  spec?: unknown;
  data?: Record<string, string>;
  type?: string;
  imagePullSecrets?: unknown;
};

function synth(more: Partial<ProjectEnvironmentProps> = {}): { project: ProjectEnvironment; objects: Loose[] } {
  const chart = new Chart(new App(), 'bc-a');
  const project = new ProjectEnvironment(chart, 'f1', { ...props, ...more });
  return { project, objects: chart.toJson() as Loose[] };
}
const named = (objects: Loose[], kind: string): Loose | undefined => objects.find((object) => object.kind === kind);

describe('ProjectEnvironment', () => {
  it('is a namespace with all that belongs into it, in the order in which it is applied', () => {
    const { objects, project } = synth({ imagePullSecret: { name: 'registry', dockerConfigJson: '{"auths":{}}' } });
    expect(objects.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ?? '-'}/${name}`)).toEqual([
      'Namespace -/qa-f1',
      'ResourceQuota qa-f1/project',
      'LimitRange qa-f1/project',
      'NetworkPolicy qa-f1/project',
      'ConfigMap qa-f1/service-chain',
      'Secret qa-f1/registry',
      'ServiceAccount qa-f1/default',
    ]);
    expect(project.namespace).toBe('qa-f1');
  });

  it('labels each object with place, chain and owner', () => {
    for (const { metadata } of synth().objects) {
      expect(metadata.labels).toEqual({
        'app.kubernetes.io/managed-by': 'youzan-kube',
        'youzan.com/cluster': 'bc-a',
        'youzan.com/env': 'qa',
        'youzan.com/idc': 'bc',
        'youzan.com/sc': 'f1',
        'youzan.com/owner': 'pay-team',
      });
    }
  });

  it('bounds what its pods request, and what one may have that asks for nothing', () => {
    const { objects } = synth({ quota: { cpu: '4', memory: '8Gi', pods: 12 } });
    expect(named(objects, 'ResourceQuota')?.spec).toEqual({
      hard: { 'requests.cpu': '4', 'requests.memory': '8Gi', pods: '12' },
    });
    expect(named(objects, 'LimitRange')?.spec).toEqual({
      limits: [
        { type: 'Container', defaultRequest: { cpu: '100m', memory: '128Mi' }, default: { cpu: '1', memory: '1Gi' } },
      ],
    });
  });

  it('lets its own pods, the standard environment and the gateways send to it, and nobody else', () => {
    expect(named(synth().objects, 'NetworkPolicy')?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [
            { podSelector: {} },
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'trade' } } },
            { ipBlock: { cidr: '10.77.0.0/24' } },
          ],
        },
      ],
    });
  });

  it('says which upstreams its chain is known for, as the gateway takes it', () => {
    const { project, objects } = synth({ apps: [fullSpec, { name: 'shop', ports: { http: 8030, manage: 8001 } }] });
    const chain = { sc: 'f1', upstreams: ['shop.http', 'trade-core.http', 'trade-core.rpc'] };
    expect(project.chain).toEqual(chain);
    const { data } = named(objects, 'ConfigMap')!;
    expect(data?.['header']).toBe('X-Service-Chain');
    expect(JSON.parse(data?.['chain.json'] ?? '')).toEqual(chain);
    expect(serviceChain('f1', [fullSpec]).upstreams).toEqual(['trade-core.http', 'trade-core.rpc']);
  });

  it('has pods pull with the Secret, which it makes only of what it is given', () => {
    const { objects } = synth({ imagePullSecret: { name: 'registry' } });
    expect(named(objects, 'Secret')).toBeUndefined();
    expect(named(objects, 'ServiceAccount')?.imagePullSecrets).toEqual([{ name: 'registry' }]);
    const made = named(
      synth({ imagePullSecret: { name: 'registry', dockerConfigJson: '{"auths":{}}' } }).objects,
      'Secret',
    );
    expect(made).toMatchObject({
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from('{"auths":{}}').toString('base64') },
    });
  });

  it('places an app: its pods and Service carry the chain and stand in the namespace', () => {
    const { project } = synth();
    const app = new YouzanApp(new Chart(new App(), 'bc-a'), 'app', { ...propsOf(demoSpec), ...project.place });
    const { metadata } = app.service!.toJson() as ManifestObject;
    expect(metadata).toMatchObject({ name: 'trade-core-f1', namespace: 'qa-f1', labels: { 'youzan.com/sc': 'f1' } });
  });

  it.each<[string, Partial<ProjectEnvironmentProps>, RegExp]>([
    ['a chain that is no name', { sc: 'F1' }, /\.sc: "F1" is no DNS label/],
    ['a chain that makes the namespace too long', { sc: 'f'.repeat(62) }, /\.namespace: .*at most 63/],
    ['an unknown environment', { env: 'test' }, /\.env: "test" is no environment/],
    ['no owner', { owner: '' }, /\.owner: "" is no label value/],
    ['an app twice', { apps: [demoSpec, demoSpec] }, /\.apps\[1\]: "trade-core" stands twice/],
    [
      'the standard environment’s namespace',
      { namespace: 'trade' },
      /\.traffic\.namespaces\[0\]: "trade" is the project's own/,
    ],
    [
      'a block that is none',
      { traffic: { namespaces: [], blocks: ['10.0.0.1'] } },
      /blocks\[0\]: "10.0.0.1" is no block/,
    ],
    [
      'a quota of nothing',
      { quota: { cpu: '0', memory: 'x', pods: 0 } },
      /quota\.cpu(.|\n)*quota\.memory(.|\n)*quota\.pods/,
    ],
    ['a pull secret that is no JSON', { imagePullSecret: { name: 'r', dockerConfigJson: 'x' } }, /is no JSON object/],
  ])('refuses %s', (_, more, message) => {
    expect(() => synth(more)).toThrow(message);
  });
});
