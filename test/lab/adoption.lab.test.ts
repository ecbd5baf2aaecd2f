// The takeover of a Deployment and a Service that kubectl has made, at a real API server: docs/adoption.md, "The takeover".
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptWorkload, type ManifestObject, takeoverPatch } from '../../constructs/index.js';
import { isKubeError, type KubeClient, type KubeObject, resources } from '../../src/kube/index.js';
import { fieldManagers } from '../../src/release/index.js';
import { deploymentOf, serviceOf } from '../constructs/adopt/deployments.js';
import { type Kubectl, kubectlOf } from './node/kubectl.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'shop';
const former = [
  deploymentOf({
    pod: {
      hostNetwork: true,
      containers: [
        { name: 'web', image: 'r.example/shop:2.3.0', command: ['node', 'a.js'], ports: [{ containerPort: 8080 }] },
        { name: 'proxy', image: 'r.example/proxy:1.0.0' },
      ],
    },
  }),
  serviceOf({ clusterIP: undefined, clusterIPs: undefined }),
].map(({ apiVersion, kind, metadata: { name }, spec }) => ({ apiVersion, kind, metadata: { name, namespace }, spec }));

interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly strategy: { readonly rollingUpdate: object };
    readonly template: {
      readonly spec: { readonly hostNetwork?: boolean; readonly containers: readonly KubeObject[] };
    };
  };
}

describe('a Deployment and a Service that kubectl has made', () => {
  let client: KubeClient;
  let kubectl: Kubectl;
  const deployment = (): Promise<Deployment> => client.get(resources.deployments, { namespace, name: 'shop-web' });
  const service = (): Promise<KubeObject> => client.get(resources.services, { namespace, name: 'shop' });
  const release = (object: ManifestObject): Promise<KubeObject> => {
    const type = [resources.deployments, resources.services].find(({ kind }) => kind === object.kind)!;
    return client.apply(type, object, { fieldManager: fieldManagers.release });
  };
  const bundleOf = (version: string): readonly ManifestObject[] => {
    const [workload, callers] = former;
    const place = { cluster: 'adoption', idc: 'bc', env: 'prod', version };
    const { objects } = adoptWorkload(workload!, callers, place).bundle;
    return objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Service');
  };

  beforeAll(async () => {
    const { adoption } = await useLab({ adoption: { idc: 'bc' } });
    client = clientOf(adoption);
    kubectl = kubectlOf(adoption);
    await kubectl(['create', 'namespace', namespace]);
    await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: former }));
  }, 600_000);
  afterAll(async () => {
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await client.close();
  });

  it('have fields that a release may not take from kubectl', async () => {
    const own = bundleOf('2.3.0').find(({ kind }) => kind === 'Deployment');
    await expect(release(own!)).rejects.toSatisfy((error) => isKubeError(error, 'KUBE_CONFLICT'));
  });

  it('are what the app says once their fields are taken over, with the same name, selector, address and replicas', async () => {
    const before = { deployment: await deployment(), service: await service() };
    for (const object of [before.deployment, before.service]) {
      const patch = JSON.stringify(takeoverPatch(object, fieldManagers.release));
      const words = [object.kind.toLowerCase(), object.metadata.name, '--namespace', namespace];
      await kubectl(['patch', ...words, '--type', 'json', '--patch', patch]);
    }
    const patched = await deployment();
    expect([patched.spec, patched.metadata.generation]).toEqual([
      before.deployment.spec,
      before.deployment.metadata.generation,
    ]);

    for (const object of bundleOf('2.3.0')) await release(object);
    const after = await deployment();
    expect([after.metadata.uid, after.spec.replicas, after.spec.selector]).toEqual([
      before.deployment.metadata.uid,
      3,
      before.deployment.spec.selector,
    ]);
    expect(after.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(after.spec.template.spec.hostNetwork).toBeUndefined();
    expect(after.spec.template.spec.containers.map(({ name }) => name)).toEqual(['app']);
    expect((await service())['spec']).toMatchObject({
      clusterIP: (before.service['spec'] as { clusterIP: string }).clusterIP,
      ports: expect.arrayContaining([
        expect.objectContaining({ name: 'http', port: 80, targetPort: 'http' }),
      ]) as unknown,
    });
  });

  it('take the next release without a conflict', async () => {
    for (const object of bundleOf('2.4.0')) await release(object);
    expect((await deployment()).metadata.labels).toMatchObject({ 'app.kubernetes.io/version': '2.4.0' });
  });
});
