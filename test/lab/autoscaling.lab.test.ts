// How many pods an app has, as a real autoscaler says.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthApp } from '../../constructs/index.js';
import { type KubeClient, type KubeObject, resources, type ResourceType } from '../../src/kube/index.js';
import { resourceTypeOf } from '../../src/release/resource-type.js';
import { type Api, connectApi } from '../contract/kubernetes/client.js';
import { readRecipe } from './binaries/recipe.js';
import { definitions, verticalAutoscalers } from './by-hand/definitions.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf, readyPods } from './node/pods.js';
import { applyAll, podsOfApp, removeApp, smallApp } from './node/small-app.js';
import { type LabProcess, startProcess } from './processes/start.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const apiServices: ResourceType = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  plural: 'apiservices',
  kind: 'APIService',
  namespaced: false,
};

describe('the pods of an app', () => {
  let cluster: LabCluster;
  let client: KubeClient;
  let api: Api;

  beforeAll(async () => {
    ({ scheduling: cluster } = await useLab({ scheduling: { idc: 'bc', nodes: 2 } }));
    client = clientOf(cluster);
    api = connectApi(readFileSync(cluster.kubeconfig, 'utf8'));
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
      smallApp('whole', 'scheduling', {
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
        const props = smallApp('busy', 'scheduling', {
          environment: { BUSY: '1' },
          scaling: { min: 1, max: 3, cpu: 80 },
        });
        const [target] = [props.spec.name];
        await applyAll(client, synthApp(props).objects);
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
        await readyPods(client, namespace, podsOfApp(target), 3);
        await applyAll(client, synthApp({ ...props, version: '1.0.1', environment: { BUSY: '1', NEXT: '1' } }).objects);
        expect(await replicas()).toBe(3);
        await removeApp(client, target);
      },
      240_000,
    );
  });
});
