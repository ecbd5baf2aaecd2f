// A project environment on a real cluster: what its namespace allows, and where a request of its chain goes.
import { readFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManifestObject, ProjectEnvironment, synthApp, type YouzanAppProps } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync } from '../../src/k8s-sync/index.js';
import { type KubeClient, type KubeObject, resources } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { scale } from '../../src/release/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import { send } from '../testing/yz7/traffic.js';
import { serviceAccounts } from './accounts/service-account.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { type Kubectl, kubectlOf } from './node/kubectl.js';
import { clientOf, readyPods } from './node/pods.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const idc = 'bc';
const base = 'trade';
const file = new URL('../../examples/demo/app.yaml', import.meta.url);
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file: 'examples/demo/app.yaml' });
const app = spec.name;

interface RunningPod extends KubeObject {
  readonly spec: {
    readonly imagePullSecrets?: readonly { readonly name: string }[];
    readonly containers: readonly { readonly resources?: { readonly limits?: Readonly<Record<string, string>> } }[];
  };
}

const listOf = (items: readonly ManifestObject[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

describe('a project environment', () => {
  let client: KubeClient;
  let kubectl: Kubectl;
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  let sync: K8sSync;
  let cluster: LabCluster;
  let project: ProjectEnvironment;
  let objects: ManifestObject[];

  /** Not as a dry run first: the namespace of all the others is not there yet. */
  const apply = (all: readonly ManifestObject[]): Promise<string> =>
    kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], listOf(all));

  async function deploy(
    place: Pick<YouzanAppProps, 'namespace' | 'env' | 'idc' | 'cluster'> & { readonly sc?: string },
  ) {
    const bundle = synthApp({
      spec,
      image: references.node,
      version: '1.0.0',
      publishDeadlineSeconds: 1,
      ...place,
    });
    await apply(bundle.objects);
    const name = bundle.fileName.replace('.yaml', '');
    await scale({ client, namespace: place.namespace, name, replicas: 2 });
    return await readyPods(client, place.namespace, `youzan.com/app=${app}`, 2);
  }

  const uids = (pods: readonly KubeObject[]): string[] => pods.map(({ metadata }) => metadata.uid ?? '').sort();

  /** Which pods answer twenty requests with this chain, or with none. */
  async function answering(sc?: string): Promise<{ readonly statuses: number[]; readonly pods: string[] }> {
    const statuses = new Set<number>();
    const pods = new Set<string>();
    for (let request = 0; request < 20; request += 1) {
      const headers = sc === undefined ? {} : { 'x-service-chain': JSON.stringify({ name: sc }) };
      const answer = await send(yz7.dataUrl, { headers });
      statuses.add(answer.status);
      pods.add(String(answer.headers['x-pod-uid']));
    }
    return { statuses: [...statuses], pods: [...pods].sort() };
  }

  beforeAll(async () => {
    ({ 'project-environment': cluster } = await useLab({ 'project-environment': { idc, nodes: 1 } }));
    client = clientOf(cluster);
    kubectl = kubectlOf(cluster);
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc });
    gateway = createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
    sync = createK8sSync({ cluster: client, idc, gateways: [gateway] });
    await sync.start();
    const chart = new Chart(new App(), cluster.name);
    project = new ProjectEnvironment(chart, 'f1', {
      sc: 'f1',
      env: 'qa',
      idc,
      cluster: cluster.name,
      owner: 'pay-team',
      apps: [spec],
      quota: { cpu: '1', memory: '1Gi', pods: 4 },
      traffic: { namespaces: [base], blocks: ['10.77.0.0/24'] },
      imagePullSecret: { name: 'registry', dockerConfigJson: '{"auths":{}}' },
    });
    objects = chart.toJson() as ManifestObject[];
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: base } });
    const hasAccount = async (): Promise<boolean> =>
      (await client.list(serviceAccounts, { namespace: base })).items.length > 0;
    await waitFor(`an account in ${base}`, hasAccount, { deadlineMs: 30_000 });
  }, 300_000);
  afterAll(async () => {
    await sync.stop();
    await client.close();
    await gateway.close();
    await yz7.stop();
  });

  it('is applied whole, and once more without a change', async () => {
    await apply(objects);
    const each = '{range .items[*]}{.kind} {.metadata.generation}{"\\n"}{end}';
    const versions = (): Promise<string> => kubectl(['get', '-f', '-', '-o', `jsonpath=${each}`], listOf(objects));
    const before = await versions();
    await apply(objects);
    expect(await versions()).toEqual(before);
  });

  it('sends a request of its chain to its own pods, and every other to the standard environment', async () => {
    const standard = await deploy({ namespace: base, env: 'qa', idc, cluster: cluster.name });
    const changed = await deploy(project.place);
    const scope = { client, gateways: [gateway], idc, cluster: cluster.name, app, deadlineMs: 30_000 };
    await awaitPublished({ ...scope, namespace: base, sc: '' });
    await awaitPublished({ ...scope, namespace: project.namespace, sc: project.place.sc });
    const { sc, upstreams } = project.chain;
    const response = await fetch(`${yz7.adminUrl}/admin/v1/chains/${sc}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${yz7.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ upstreams }),
    });
    expect(response.status).toBeLessThan(300);
    expect(await answering()).toEqual({ statuses: [200], pods: uids(standard) });
    expect(await answering('f1')).toEqual({ statuses: [200], pods: uids(changed) });
    // Nobody knows this chain.
    expect(await answering('f2')).toEqual({ statuses: [200], pods: uids(standard) });
  }, 120_000);

  it('gives its pods the pull Secret, and limits to a container that names none', async () => {
    const { items } = await client.list<RunningPod>(resources.pods, { namespace: project.namespace });
    for (const { spec: pod } of items) {
      expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
      expect(pod.containers[0]?.resources?.limits).toMatchObject({ cpu: '1', memory: '256Mi' });
    }
  });

  it('refuses a pod beyond its quota, and says which', async () => {
    const pod = (name: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: project.namespace },
      spec: { containers: [{ name: 'app', image: references.busybox, command: ['sleep', '3600'] }] },
    });
    await client.create(resources.pods, pod('one'));
    await client.create(resources.pods, pod('two'));
    await expect(client.create(resources.pods, pod('three'))).rejects.toThrow(/exceeded quota: project.*pods=4/);
  });

  it('fails a request of its chain when its pods are gone: it never falls back', async () => {
    await scale({ client, namespace: project.namespace, name: `${app}-f1`, replicas: 0 });
    await awaitPublished({
      client,
      gateways: [gateway],
      idc,
      cluster: cluster.name,
      namespace: project.namespace,
      app,
      sc: project.place.sc,
      deadlineMs: 60_000,
    });
    expect((await answering('f1')).statuses).toEqual([503]);
    expect((await answering()).statuses).toEqual([200]);
  }, 120_000);
});
