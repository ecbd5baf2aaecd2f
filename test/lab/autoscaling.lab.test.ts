// Where an app's pods stand, how many there are, and which of them may go, as a real scheduler, autoscaler and eviction say.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManifestObject, synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { type KubeClient, type KubeObject, resources, type ResourceType } from '../../src/kube/index.js';
import { scale } from '../../src/release/index.js';
import { resourceTypeOf } from '../../src/release/resource-type.js';
import { type Api, connectApi } from '../contract/kubernetes/client.js';
import { readRecipe } from './binaries/recipe.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { clientOf, type Pod, readyPods } from './node/pods.js';
import { type LabProcess, startProcess } from './processes/start.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const idc = 'bc';
const namespace = 'default';
const release = { fieldManager: 'youzan-kube-release' };
const type = (group: string, version: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});
const definitions = type('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', false);
const apiServices = type('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService', false);

/** Answers on its port, and uses all the CPU that it may have when it is told to. */
const program = `require('http').createServer((_, r) => r.end()).listen(8030);
if (process.env.BUSY) setInterval(() => { const end = Date.now() + 40; while (Date.now() < end); }, 50);`;

function propsOf(name: string, more: object = {}): YouzanAppProps {
  const text = [
    `name: ${name}`,
    'kind: node',
    'stack: youzanyun-debian12',
    'runtime: node-20',
    `entrypoint: ${JSON.stringify(['node', '-e', program])}`,
    'ports: { http: 8030, manage: 8001 }',
    'hooks: { preload: false, online: false, offline: false, drainSeconds: 0 }',
    'resources: { requests: { cpu: 20m, memory: 32Mi }, limits: { cpu: 60m, memory: 128Mi } }',
  ].join('\n');
  const spec = parseAppYaml(text, { file: `${name}/app.yaml` });
  const place = { idc, cluster: 'scheduling', env: 'prod', namespace };
  return { spec, image: references.node, version: '1.0.0', publishDeadlineSeconds: 0, ...place, ...more };
}

const selectorOf = (name: string): string => `youzan.com/app=${name}`;

/** Pods by node. */
function countByNode(pods: readonly Pod[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { spec } of pods) counts[spec.nodeName ?? ''] = (counts[spec.nodeName ?? ''] ?? 0) + 1;
  return counts;
}

/** The kind that the Vertical Pod Autoscaler brings: the fields of it that a bundle may have, and no other. */
const verticalAutoscalers = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'verticalpodautoscalers.autoscaling.k8s.io',
    // The group is one of Kubernetes' own.
    annotations: { 'api-approved.kubernetes.io': 'unapproved, in a lab' },
  },
  spec: {
    group: 'autoscaling.k8s.io',
    scope: 'Namespaced',
    names: { plural: 'verticalpodautoscalers', singular: 'verticalpodautoscaler', kind: 'VerticalPodAutoscaler' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: verticalSchema() } }],
  },
};

function verticalSchema(): object {
  const text = { type: 'string' };
  const one = (properties: object): object => ({ type: 'object', properties });
  const amounts = { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } };
  const policy = one({
    containerName: text,
    controlledResources: { type: 'array', items: text },
    minAllowed: amounts,
    maxAllowed: amounts,
  });
  return one({
    spec: one({
      targetRef: one({ apiVersion: text, kind: text, name: text }),
      updatePolicy: one({ updateMode: { ...text, enum: ['Off', 'Initial', 'Recreate', 'InPlaceOrRecreate', 'Auto'] } }),
      resourcePolicy: one({ containerPolicies: { type: 'array', items: policy } }),
    }),
  });
}

describe('the pods of an app on real nodes', () => {
  let cluster: LabCluster;
  let client: KubeClient;
  let api: Api;
  let nodes: readonly string[];

  const apply = async (objects: readonly ManifestObject[]): Promise<void> => {
    for (const object of objects) await client.apply(resourceTypeOf(object)!, object, release);
  };
  /** So many ready pods of an app; the autoscaler has the say where `replicas` is left out. */
  async function deploy(props: YouzanAppProps, replicas: number): Promise<readonly Pod[]> {
    await apply(synthApp(props).objects);
    const { name } = props.spec;
    await scale({ client, namespace, name, replicas });
    return readyPods(client, namespace, selectorOf(name), replicas);
  }
  async function remove(name: string): Promise<void> {
    await client.delete(resources.deployments, { namespace, name }, { propagationPolicy: 'Background' });
    await waitFor(
      `the pods of ${name} are gone`,
      async () =>
        (await client.list(resources.pods, { namespace, labelSelector: selectorOf(name) })).items.length === 0,
      { deadlineMs: 60_000 },
    );
  }
  const labelNode = (name: string, labels: Readonly<Record<string, string | null>>): Promise<unknown> =>
    client.patch(resources.nodes, { name }, { metadata: { labels } });

  beforeAll(async () => {
    ({ scheduling: cluster } = await useLab({ scheduling: { idc, nodes: 2 } }));
    client = clientOf(cluster);
    api = connectApi(readFileSync(cluster.kubeconfig, 'utf8'));
    nodes = cluster.nodes.map(({ name }) => name);
  }, 300_000);
  afterAll(async () => {
    api.close();
    await client.close();
  });

  it('are described by objects that pass strict validation', async () => {
    await client.create(definitions, verticalAutoscalers);
    const path = '/apis/autoscaling.k8s.io/v1/namespaces/default/verticalpodautoscalers';
    await waitFor('the kind is served', async () => (await api.get(path)).status === 200, { deadlineMs: 30_000 });
    const { objects } = synthApp(
      propsOf('whole', {
        scheduling: {
          nodes: { 'kubernetes.io/arch': ['amd64', 'arm64'] },
          pools: ['burst'],
          spread: { nodes: 'required', zones: 'required' },
          priorityClass: 'system-cluster-critical',
        },
        scaling: {
          min: 1,
          max: 4,
          cpu: 60,
          memory: '100Mi',
          custom: [
            { name: 'requests_per_second', from: 'pods', average: '100' },
            { name: 'lag', from: 'external', average: '500m', labels: { topic: 'orders' } },
          ],
          behavior: {
            scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
          },
        },
        verticalScaling: { mode: 'recommend', min: { cpu: '10m' }, max: { memory: '1Gi' } },
        disruptionBudget: { maxUnavailable: '25%' },
        lxcfs: true,
      }),
    );
    const answers = objects.map(async (object): Promise<string> => {
      const { group, version, plural } = resourceTypeOf(object)!;
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const strict = { dryRun: 'All', fieldValidation: 'Strict' };
      const { status, text } = await api.post(`${root}/namespaces/${namespace}/${plural}`, object, strict);
      return status === 201 ? `${object.kind} taken` : `${object.kind}: ${text}`;
    });
    expect(await Promise.all(answers)).toEqual([
      'Service taken',
      'PodDisruptionBudget taken',
      'Deployment taken',
      'HorizontalPodAutoscaler taken',
      'VerticalPodAutoscaler taken',
    ]);
  });

  it('stand evenly on nodes that have no zone', async () => {
    const pods = await deploy(propsOf('even'), 4);
    expect(countByNode(pods)).toEqual(Object.fromEntries(nodes.map((name) => [name, 2])));
    await remove('even');
  });

  it('stand on the node that has all labels, and on none that has one of them', async () => {
    const [one, both] = nodes as [string, string];
    await labelNode(one, { 'lab.local/disk': 'ssd' });
    await labelNode(both, { 'lab.local/disk': 'ssd', 'lab.local/rack': 'r1' });
    const wanted = { 'lab.local/disk': ['nvme', 'ssd'], 'lab.local/rack': 'r1' };
    const pods = await deploy(propsOf('choosy', { scheduling: { nodes: wanted } }), 3);
    expect(countByNode(pods)).toEqual({ [both]: 3 });
    await remove('choosy');
  });

  it('stand on the nodes of their pool, where no other app may', async () => {
    const [other, pooled] = nodes as [string, string];
    await labelNode(pooled, { 'youzan.com/pool': 'burst' });
    const taints = [{ key: 'youzan.com/pool', value: 'burst', effect: 'NoSchedule' }];
    await client.patch(resources.nodes, { name: pooled }, { spec: { taints } });
    const bursting = await deploy(propsOf('bursting', { scheduling: { pools: ['burst'] } }), 2);
    const plain = await deploy(propsOf('plain'), 2);
    expect([countByNode(bursting), countByNode(plain)]).toEqual([{ [pooled]: 2 }, { [other]: 2 }]);
    await client.patch(resources.nodes, { name: pooled }, { spec: { taints: null } });
    await labelNode(pooled, { 'youzan.com/pool': null });
    await Promise.all([remove('bursting'), remove('plain')]);
  });

  it('may go one at a time in a drain, and so may a single pod', async () => {
    const evict = async ({ metadata: { name } }: Pod): Promise<number> => {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      return (await api.post(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction)).status;
    };
    const budget = (name: string): Promise<unknown> =>
      waitFor(
        `the budget of ${name} is counted`,
        async () => {
          const { body } = await api.get(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${name}`);
          return (body as { status?: { disruptionsAllowed?: number } }).status?.disruptionsAllowed === 1;
        },
        { deadlineMs: 30_000 },
      );
    const pods = await deploy(propsOf('moved'), 3);
    await budget('moved');
    expect([await evict(pods[0]!), await evict(pods[1]!)]).toEqual([201, 429]);
    const [single] = await deploy(propsOf('single'), 1);
    await budget('single');
    expect(await evict(single!)).toBe(201);
    await Promise.all([remove('moved'), remove('single')]);
  });

  describe('that use more than is wanted', () => {
    const { target } = readRecipe('metrics-server');
    const built = existsSync(target);
    if (!built) console.log('skipped, for metrics-server is not built (npm run lab:build -- --all): a real autoscaler');
    let metrics: LabProcess | undefined;
    afterAll(() => metrics?.kill());

    /** On this machine; a Service without pods leads the API server there. */
    async function startMetricsServer(): Promise<void> {
      const host = `${new URL(cluster.url).hostname.split('.').slice(0, 2).join('.')}.0.1`;
      const port = 10_443;
      metrics = startProcess({
        name: 'metrics-server',
        command: [
          target,
          `--kubeconfig=${cluster.kubeconfig}`,
          `--authentication-kubeconfig=${cluster.kubeconfig}`,
          `--authorization-kubeconfig=${cluster.kubeconfig}`,
          `--bind-address=${host}`,
          `--secure-port=${port}`,
          `--cert-dir=${join(cluster.logFolder, 'metrics-server')}`,
          '--kubelet-insecure-tls',
          '--kubelet-preferred-address-types=InternalIP',
          '--metric-resolution=10s',
          '--kubelet-request-timeout=5s',
        ],
        logFile: join(cluster.logFolder, 'metrics-server.log'),
      });
      const service = { name: 'metrics-server', namespace: 'kube-system' };
      await client.create(resources.services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: service,
        spec: { ports: [{ port }] },
      });
      await client.create(resources.endpointSlices, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...service, labels: { 'kubernetes.io/service-name': service.name } },
        addressType: 'IPv4',
        ports: [{ name: '', port, protocol: 'TCP' }],
        endpoints: [{ addresses: [host], conditions: { ready: true } }],
      });
      await client.create(apiServices, {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: 'v1beta1.metrics.k8s.io' },
        spec: {
          group: 'metrics.k8s.io',
          version: 'v1beta1',
          service: { ...service, port },
          insecureSkipTLSVerify: true,
          groupPriorityMinimum: 100,
          versionPriority: 100,
        },
      });
    }

    it.skipIf(!built)(
      'become more, and stay so many when the next version is applied',
      async () => {
        await startMetricsServer();
        const props = propsOf('busy', { environment: { BUSY: '1' }, scaling: { min: 1, max: 3, cpu: 80 } });
        const [target] = [props.spec.name];
        await apply(synthApp(props).objects);
        interface Scaled extends KubeObject {
          readonly spec: { readonly replicas: number };
        }
        const replicas = async (): Promise<number> =>
          (await client.get<Scaled>(resources.deployments, { namespace, name: target })).spec.replicas;
        await waitFor(
          'the autoscaler has made three pods of one',
          async () => {
            if ((await replicas()) === 3) return true;
            const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${target}`;
            const { body } = await api.get(path);
            throw new Error(JSON.stringify((body as { status?: unknown }).status));
          },
          { deadlineMs: 150_000, everyMs: 1000, processes: metrics === undefined ? [] : [metrics] },
        );
        await readyPods(client, namespace, selectorOf(target), 3);
        await apply(synthApp({ ...props, version: '1.0.1', environment: { BUSY: '1', NEXT: '1' } }).objects);
        expect(await replicas()).toBe(3);
        await remove(target);
      },
      240_000,
    );
  });
});
