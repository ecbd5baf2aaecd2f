// Where an app's pods stand, and which of them may go, as a real scheduler and real evictions say.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { YouzanAppProps } from '../../constructs/index.js';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { type Api, connectApi } from '../contract/kubernetes/client.js';
import { clientOf, type Pod } from './node/pods.js';
import { deploy, removeApp, smallApp } from './node/small-app.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const app = (name: string, more: object = {}): YouzanAppProps => smallApp(name, 'scheduling', more);

/** Pods by node. */
function countByNode(pods: readonly Pod[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { spec } of pods) counts[spec.nodeName ?? ''] = (counts[spec.nodeName ?? ''] ?? 0) + 1;
  return counts;
}

describe('the pods of an app on real nodes', () => {
  let client: KubeClient;
  let api: Api;
  let nodes: readonly string[];

  const labelNode = (name: string, labels: Readonly<Record<string, string | null>>): Promise<unknown> =>
    client.patch(resources.nodes, { name }, { metadata: { labels } });

  beforeAll(async () => {
    const { scheduling: cluster } = await useLab({ scheduling: { idc: 'bc', nodes: 2 } });
    client = clientOf(cluster);
    api = connectApi(readFileSync(cluster.kubeconfig, 'utf8'));
    nodes = cluster.nodes.map(({ name }) => name);
  }, 300_000);
  afterAll(async () => {
    api.close();
    await client.close();
  });

  it('stand evenly on nodes that have no zone', async () => {
    const pods = await deploy(client, app('even'), 4);
    expect(countByNode(pods)).toEqual(Object.fromEntries(nodes.map((name) => [name, 2])));
    await removeApp(client, 'even');
  });

  it('stand on the node that has all labels, and on none that has one of them', async () => {
    const [one, both] = nodes as [string, string];
    await labelNode(one, { 'lab.local/disk': 'ssd' });
    await labelNode(both, { 'lab.local/disk': 'ssd', 'lab.local/rack': 'r1' });
    const wanted = { 'lab.local/disk': ['nvme', 'ssd'], 'lab.local/rack': 'r1' };
    const pods = await deploy(client, app('choosy', { scheduling: { nodes: wanted } }), 3);
    expect(countByNode(pods)).toEqual({ [both]: 3 });
    await removeApp(client, 'choosy');
  });

  it('stand on the nodes of their pool, where no other app may', async () => {
    const [other, pooled] = nodes as [string, string];
    await labelNode(pooled, { 'youzan.com/pool': 'burst' });
    const taints = [{ key: 'youzan.com/pool', value: 'burst', effect: 'NoSchedule' }];
    await client.patch(resources.nodes, { name: pooled }, { spec: { taints } });
    const bursting = await deploy(client, app('bursting', { scheduling: { pools: ['burst'] } }), 2);
    const plain = await deploy(client, app('plain'), 2);
    expect([countByNode(bursting), countByNode(plain)]).toEqual([{ [pooled]: 2 }, { [other]: 2 }]);
    await client.patch(resources.nodes, { name: pooled }, { spec: { taints: null } });
    await labelNode(pooled, { 'youzan.com/pool': null });
    await Promise.all([removeApp(client, 'bursting'), removeApp(client, 'plain')]);
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
    const pods = await deploy(client, app('moved'), 3);
    await budget('moved');
    expect([await evict(pods[0]!), await evict(pods[1]!)]).toEqual([201, 429]);
    const [single] = await deploy(client, app('single'), 1);
    await budget('single');
    expect(await evict(single!)).toBe(201);
    await Promise.all([removeApp(client, 'moved'), removeApp(client, 'single')]);
  });
});
