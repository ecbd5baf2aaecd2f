// One syncer, 2,000 pods of 20 apps on 50 nodes of KWOK.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync } from '../../src/k8s-sync/index.js';
import { type KubeClient, type KubeObject, resources } from '../../src/kube/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../src/testing/index.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf, podsOf, readyPods } from './node/pods.js';
import { Removals } from './updates/removals.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const idc = 'bc';
const pods = 100;
const apps = Array.from({ length: 20 }, (_, index) => `app-${index + 1}`);
const wait = { timeout: 180_000, interval: 200 };

const labelsOf = (app: string): Record<string, string> => ({ 'youzan.com/app': app, 'youzan.com/color': 'stable' });
const deployment = (app: string, version: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace, labels: labelsOf(app) },
  spec: {
    replicas: pods,
    selector: { matchLabels: labelsOf(app) },
    template: {
      metadata: { labels: labelsOf(app), annotations: { version } },
      spec: {
        containers: [{ name: 'app', image: 'registry.example/app:1', ports: [{ name: 'http', containerPort: 8030 }] }],
      },
    },
  },
});
const service = (app: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app, namespace, labels: labelsOf(app) },
  spec: { selector: labelsOf(app), ports: [{ name: 'http', port: 8030, targetPort: 'http' }] },
});

describe('a syncer of a cluster of 2,000 pods', () => {
  let cluster: LabCluster;
  let client: KubeClient;
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  let sync: K8sSync;
  const propagationMs: number[] = [];

  const servers = async (app: string): Promise<readonly string[]> => {
    const content = await gateway.readSource(`${app}.http`, `k8s.${idc}.${cluster.name}`);
    return (content?.servers ?? []).filter(({ state }) => state === 'up').map(({ uid }) => uid);
  };
  /** UIDs: KWOK gives the address of a pod that is gone to the next one. */
  const podsOfApp = async (app: string): Promise<readonly string[]> =>
    (await podsOf(client, namespace, `youzan.com/app=${app}`)).map(({ metadata }) => metadata.uid ?? '');
  const untilEqual = async (app: string): Promise<void> =>
    vi.waitFor(async () => expect([...(await servers(app))].sort()).toEqual([...(await podsOfApp(app))].sort()), wait);

  beforeAll(async () => {
    ({ scale: cluster } = await useLab({ scale: { idc, scale: { nodes: 50 } } }));
    client = clientOf(cluster);
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc });
    gateway = createYz7Gateway({ name: 'bc-1', idc, url: yz7.adminUrl, token: yz7.token });
    for (const app of apps) {
      await client.create(resources.services, service(app));
      await client.create(resources.deployments, deployment(app, '1'));
    }
    for (const app of apps) await readyPods(client, namespace, `youzan.com/app=${app}`, pods, 300_000);
    sync = createK8sSync({ cluster: client, idc, gateways: [gateway] });
    sync.onPropagation((ms) => propagationMs.push(ms));
  }, 900_000);
  afterAll(async () => {
    await sync.stop();
    for (const name of apps) {
      await client.delete(resources.deployments, { namespace, name }, { propagationPolicy: 'Background' });
      await client.delete(resources.services, { namespace, name });
    }
    await gateway.close();
    await yz7.stop();
    await client.close();
  });

  it('publishes them all', async () => {
    const started = Date.now();
    await sync.start();
    for (const app of apps) await untilEqual(app);
    console.log(`${apps.length * pods} servers after ${Date.now() - started} ms`);
  }, 300_000);

  it('follows an update of 100 of them, and drops none that serves', async () => {
    const [app = ''] = apps;
    const place = { upstream: `${app}.http`, source: `k8s.${idc}.${cluster.name}`, namespace };
    const removals = new Removals([gateway], client, place);
    removals.start();
    propagationMs.length = 0;
    const former = new Set(await podsOfApp(app));
    await client.apply(resources.deployments, deployment(app, '2'), { fieldManager: 'test', force: true });
    await vi.waitFor(async () => {
      const now = await podsOfApp(app);
      expect(now).toHaveLength(pods);
      expect(now.filter((uid) => former.has(uid))).toEqual([]);
    }, wait);
    await readyPods(client, namespace, `youzan.com/app=${app}`, pods, 180_000);
    await untilEqual(app);
    await removals.stop();
    const sorted = [...propagationMs].sort((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    console.log(
      `${removals.all.length} removals; propagation p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, n ${sorted.length}`,
    );
    expect(removals.all.filter(({ isWrong }) => isWrong)).toEqual([]);
    expect(removals.all.length).toBeGreaterThanOrEqual(pods);
  }, 400_000);
});
