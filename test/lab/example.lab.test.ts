import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources, type KubeClient } from 'youzan-kube';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { clientOf, readyPods } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const script = `require('http').createServer((_, r) => r.end('hello')).listen(8080)`;
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'hello', namespace, labels: { app: 'hello' } },
  spec: { containers: [{ name: 'app', image: references.node, command: ['node', '-e', script] }] },
};

describe('a pod of a cluster whose API server is gone', () => {
  let cluster: LabCluster;
  let client: KubeClient;

  beforeAll(async () => {
    ({ example: cluster } = await useLab({ example: { idc: 'bc', nodes: 1 } }));
    client = clientOf(cluster);
    await client.create(resources.pods, pod);
  });
  afterAll(() => client.close());

  it('serves on', async () => {
    const [ready] = await readyPods(client, namespace, 'app=hello', 1);
    await cluster.killApiServer();
    const answer = await fetch(`http://${ready!.status.podIP!}:8080`, { signal: AbortSignal.timeout(5_000) });
    expect(await answer.text()).toBe('hello');
    await cluster.startApiServer();
  });
});
