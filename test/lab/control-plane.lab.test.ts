import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectApi, type Api } from '../contract/kubernetes/client.js';
import { configMap, versionOf } from '../contract/kubernetes/world.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { useLab } from './use-lab.js';

const configMaps = '/api/v1/namespaces/default/configmaps';
const api = (kubeconfig: string): Api => connectApi(readFileSync(kubeconfig, 'utf8'));

/** What a request within a second comes to: its status, or that nothing came. */
async function outcome(request: Promise<{ readonly status: number }>, withinMs = 1_000): Promise<number | 'nothing'> {
  const timeout = AbortSignal.timeout(withinMs);
  const nothing = new Promise<'nothing'>((resolve) => timeout.addEventListener('abort', () => resolve('nothing')));
  return Promise.race([request.then(({ status }) => status), nothing]);
}

describe('a control plane', () => {
  let cluster: LabCluster;
  let client: Api;

  beforeAll(async () => {
    ({ 'bc-a': cluster } = await useLab({ 'bc-a': { idc: 'bc' }, 'bc-b': { idc: 'bc' } }));
    client = api(cluster.kubeconfig);
  });
  afterAll(() => client.close());

  it('is a real Kubernetes 1.34 whose controllers work', async () => {
    expect((await client.get('/version')).body).toMatchObject({
      gitVersion: expect.stringMatching(/^v1\.34\./) as unknown,
    });
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'never-scheduled' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'never-scheduled' } },
        template: {
          metadata: { labels: { app: 'never-scheduled' } },
          spec: { nodeSelector: { nowhere: 'yes' }, containers: [{ name: 'app', image: 'registry.example/app:1' }] },
        },
      },
    };
    const made = await client.post('/apis/apps/v1/namespaces/default/deployments', deployment);
    expect(made.status).toBe(201);
    const unschedulable = async (): Promise<number> => {
      const query = { labelSelector: 'app=never-scheduled' };
      const { body } = await client.get('/api/v1/namespaces/default/pods', query);
      return JSON.stringify(body['items']).split('"reason":"Unschedulable"').length - 1;
    };
    await expect.poll(unschedulable, { timeout: 20_000 }).toBe(2);
    await client.delete('/apis/apps/v1/namespaces/default/deployments/never-scheduled');
  });

  it('is not the other one', async () => {
    const { 'bc-b': other } = await useLab({ 'bc-b': { idc: 'bc' } });
    const second = api(other.kubeconfig);
    await client.post(configMaps, configMap('here-only'));
    expect((await second.get(`${configMaps}/here-only`)).status).toBe(404);
    second.close();
  });
});

describe('a fault', () => {
  let cluster: LabCluster;
  let client: Api;

  beforeAll(async () => {
    ({ broken: cluster } = await useLab({ broken: { idc: 'bd' } }));
    client = api(cluster.kubeconfig);
  });
  afterAll(() => client.close());

  it('killed API server: refused, then back with its data', async () => {
    await client.post(configMaps, configMap('before-the-kill'));
    await cluster.killApiServer();
    await expect(client.get('/readyz')).rejects.toThrow();
    await cluster.startApiServer();
    expect((await client.get(`${configMaps}/before-the-kill`)).status).toBe(200);
  });

  it('paused API server: no answer until it goes on', async () => {
    await cluster.pauseApiServer();
    const asked = client.get('/readyz');
    expect(await outcome(asked)).toBe('nothing');
    await cluster.resumeApiServer();
    expect((await asked).status).toBe(200);
  });

  it('dropped packets: open and new connections stall, and nothing is refused', async () => {
    const fresh = api(cluster.kubeconfig);
    await cluster.dropApiServer();
    const open = client.get('/readyz');
    const opening = fresh.get('/readyz');
    expect([await outcome(open), await outcome(opening)]).toEqual(['nothing', 'nothing']);
    await cluster.passApiServer();
    expect([(await open).status, (await opening).status]).toEqual([200, 200]);
    fresh.close();
  });

  it('stopped etcd: reads of the present fail, and work again after', async () => {
    await cluster.stopEtcd();
    const answer = await outcome(client.get(`${configMaps}/before-the-kill`), 5_000);
    expect(answer === 'nothing' || answer >= 500).toBe(true);
    await cluster.startEtcd();
    const again = async (): Promise<number> => (await client.get(`${configMaps}/before-the-kill`)).status;
    await expect.poll(again, { timeout: 60_000 }).toBe(200);
  });

  it('restored etcd: later objects are gone and the resourceVersion is lower', async () => {
    const snapshot = await cluster.saveEtcdSnapshot();
    // More writes than a starting control plane makes: with fewer the resourceVersion would be past the old one at once.
    for (let count = 1; count <= 100; count += 1) await client.post(configMaps, configMap(`after-${count}`));
    const before = versionOf((await client.get(configMaps)).body);
    await cluster.restoreEtcdSnapshot(snapshot);
    const { body } = await client.get(configMaps);
    const names = (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    expect(names).toContain('before-the-kill');
    expect(names).not.toContain('after-1');
    expect(Number(versionOf(body))).toBeLessThan(Number(before));
  });

  it('frozen second API server: it shows the past', async () => {
    const second = api(await cluster.secondApiServer());
    const atOnce = { resourceVersion: '0' };
    const path = `${configMaps}/seen-late`;
    expect((await second.get(path, atOnce)).status).toBe(404);
    await cluster.freezeSecondApiServer();
    await client.post(configMaps, configMap('seen-late'));
    expect((await second.get(path, atOnce)).status).toBe(404);
    await cluster.thawSecondApiServer();
    await expect.poll(async () => (await second.get(path, atOnce)).status, { timeout: 60_000 }).toBe(200);
    second.close();
  });
});
