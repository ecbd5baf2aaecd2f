// The syncer as it is deployed: two pods with the account, rights and fleet of K8sSyncDeployment, no kubeconfig.
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { K8sSyncDeployment, type ManifestObject, synthApp } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { defineFleet } from '../../src/fleet/index.js';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { type KubeClient, type KubeObject, resources } from '../../src/kube/index.js';
import { awaitPublished } from '../../src/publish/index.js';
import { scale } from '../../src/release/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { applyStrict, kubectlOf } from './node/kubectl.js';
import { clientOf, readyPods } from './node/pods.js';
import { useLab } from './use-lab.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const idc = 'bc';
const system = 'youzan-system';
const apps = 'default';
const file = new URL('../../examples/demo/app.yaml', import.meta.url);
const spec = parseAppYaml(readFileSync(file, 'utf8'), { file: 'examples/demo/app.yaml' });

interface Lease extends KubeObject {
  readonly spec?: { readonly holderIdentity?: string };
}
const mounted = '/opt/youzan-kube';

interface PodTemplate {
  volumes: object[];
  containers: { volumeMounts: object[] }[];
}

/** No registry has the image yet: the pods see this machine's build. */
function withBuild(object: ManifestObject): ManifestObject {
  if (object.kind !== 'Deployment') return object;
  const changed = structuredClone(object) as ManifestObject & { spec: { template: { spec: PodTemplate } } };
  const { spec: pod } = changed.spec.template;
  pod.volumes.push({ name: 'build', hostPath: { path: root, type: 'Directory' } });
  for (const { volumeMounts } of pod.containers)
    volumeMounts.push({ name: 'build', mountPath: mounted, readOnly: true });
  return changed;
}

describe('K8sSyncDeployment', () => {
  let cluster: LabCluster;
  let client: KubeClient;
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  let objects: ManifestObject[];

  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build:js'], { cwd: root });
    ({ 'sync-deployment': cluster } = await useLab({ 'sync-deployment': { idc, nodes: 2 } }));
    client = clientOf(cluster);
    const { hostname, port } = new URL(cluster.url);
    // The host's own address on the bridge, which pods reach.
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc, host: `${hostname.split('.').slice(0, 2).join('.')}.0.1` });
    gateway = createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
    const chart = new Chart(new App(), cluster.name);
    new K8sSyncDeployment(chart, 'syncer', {
      fleet: defineFleet({
        idcs: { [idc]: { clusters: { [cluster.name]: { version: '1.34' } } } },
        environments: { prod: { gateways: [{ name: 'bc-1', idc, url: yz7.adminUrl, tokenEnv: 'YZ7_BC_1' }] } },
      }),
      env: 'prod',
      cluster: cluster.name,
      namespace: system,
      image: references.node,
      command: ['node', `${mounted}/dist/cli.js`],
      tokenSecret: 'gateway-tokens',
      apiServer: { host: hostname, port: Number(port) },
    });
    objects = (chart.toJson() as ManifestObject[]).map(withBuild);
    const named = (kind: string, name: string, more: object = {}): KubeObject => ({
      apiVersion: 'v1',
      kind,
      metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: system }) },
      ...more,
    });
    await client.create(resources.namespaces, named('Namespace', system));
    await client.create(resources.secrets, named('Secret', 'gateway-tokens', { stringData: { YZ7_BC_1: yz7.token } }));
  }, 300_000);
  afterAll(async () => {
    await client.close();
    await gateway.close();
    await yz7.stop();
  });

  const published = () =>
    awaitPublished({
      client,
      gateways: [gateway],
      idc,
      cluster: cluster.name,
      namespace: apps,
      app: spec.name,
      deadlineMs: 60_000,
    });

  it('passes strict validation, and both its pods get ready', async () => {
    await applyStrict(kubectlOf(cluster), objects);
    const pods = await readyPods(client, system, 'app.kubernetes.io/name=k8s-sync', 2);
    // Each on a node of its own.
    expect(new Set(pods.map((pod) => (pod as { spec?: { nodeName?: string } }).spec?.nodeName)).size).toBe(2);
  }, 120_000);

  it("carries an app's pods to the gateway", async () => {
    const bundle = synthApp({
      spec,
      image: references.node,
      version: '1.0.0',
      idc,
      cluster: cluster.name,
      env: 'prod',
      namespace: apps,
      publishDeadlineSeconds: 1,
    });
    await applyStrict(kubectlOf(cluster), bundle.objects);
    await scale({ client, namespace: apps, name: spec.name, replicas: 2 });
    await readyPods(client, apps, `youzan.com/app=${spec.name}`, 2);
    expect((await published()).servers).toHaveLength(2);
  }, 120_000);

  const holder = async (): Promise<string> => {
    const lease = await client.get<Lease>(resources.leases, { namespace: system, name: 'k8s-sync' });
    return lease.spec?.holderIdentity ?? '';
  };

  it('answers an operator in the pod that leads: docs/operating.md, "Where it listens"', async () => {
    const [leader = ''] = (await holder()).split('_');
    const kubectl = kubectlOf(cluster);
    const ask = (...words: readonly string[]): Promise<string> =>
      kubectl(['-n', system, 'exec', leader, '--', 'node', `${mounted}/dist/cli.js`, 'sync', ...words]);
    expect(await ask('status')).toMatch(new RegExp(`^${cluster.name} +live .* epoch \\d+ `, 'm'));
    expect(JSON.parse(await ask('diff', '--json'))).toMatchObject({ clusters: [{ cluster: cluster.name }] });
  }, 60_000);

  it('goes on when the pod that leads is gone', async () => {
    const former = await holder();
    const pods = await readyPods(client, system, 'app.kubernetes.io/name=k8s-sync', 2);
    const leading = pods.find(({ metadata }) => former.startsWith(metadata.name));
    await client.delete(resources.pods, { namespace: system, name: leading!.metadata.name });
    await expect.poll(holder, { timeout: 60_000 }).not.toMatch(new RegExp(`^$|^${leading!.metadata.name}`));
    await scale({ client, namespace: apps, name: spec.name, replicas: 3 });
    await readyPods(client, apps, `youzan.com/app=${spec.name}`, 3);
    expect((await published()).servers).toHaveLength(3);
  }, 180_000);
});
