import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources, type KubeClient, type KubeObject } from '../../src/kube/index.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { clientOf, containerOf, isReady, readyPods, type Pod } from './node/pods.js';
import { useLab } from './use-lab.js';

const port = 8080;
const namespace = 'nodes-test';
const selector = 'app=echo';
/** Answers each request with the address that it came from. */
const server = `require('http').createServer((q, r) => r.end(q.socket.remoteAddress)).listen(${port}, '0.0.0.0', () => console.log('listening'))`;

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'echo', namespace },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'echo' } },
    template: {
      metadata: { labels: { app: 'echo' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'app', image: references.node, command: ['node', '-e', server] }],
      },
    },
  },
};
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'echo', namespace },
  spec: { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: port }] },
};

const ipOf = ({ status }: Pod): string => status.podIP!;

describe('two clusters of two nodes', () => {
  const clusters: Record<string, LabCluster> = {};
  const clients: Record<string, KubeClient> = {};
  const pods: Record<string, readonly Pod[]> = {};

  /** GET from inside a pod, with the Node of its image. */
  async function askFrom(cluster: string, pod: Pod, url: string): Promise<string> {
    const script = `require('http').get('${url}', { timeout: 5000 }, (r) => r.pipe(process.stdout))`;
    const ref = { namespace, name: pod.metadata.name };
    const { stdout, stderr, exitCode } = await clients[cluster]!.exec(ref, ['node', '-e', script]);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }

  async function nodeIsReady(cluster: string, name: string): Promise<boolean> {
    return isReady(await clients[cluster]!.get<KubeObject & Pick<Pod, 'status'>>(resources.nodes, { name }));
  }

  beforeAll(async () => {
    Object.assign(clusters, await useLab({ 'bc-a': { idc: 'bc', nodes: 2 }, 'bc-b': { idc: 'bc', nodes: 2 } }));
    for (const [name, cluster] of Object.entries(clusters)) {
      const client = clientOf(cluster);
      clients[name] = client;
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
      await client.create(resources.namespaces, object);
      await client.create(resources.services, service);
      await client.create(resources.deployments, deployment);
    }
    for (const [name, client] of Object.entries(clients)) pods[name] = await readyPods(client, namespace, selector, 3);
  });
  afterAll(async () => {
    await Promise.all(
      Object.values(clients).map(async (client) => {
        await client.delete(resources.namespaces, { name: namespace });
        await client.close();
      }),
    );
  });

  it('name their nodes and say where they are', async () => {
    const { items } = await clients['bc-a']!.list(resources.nodes);
    expect(items.map(({ metadata }) => [metadata.name, metadata.labels?.['topology.kubernetes.io/zone']])).toEqual([
      ['bc-a-1', 'bc'],
      ['bc-a-2', 'bc'],
    ]);
    expect(clusters['bc-a']!.nodes.map(({ name }) => name)).toEqual(['bc-a-1', 'bc-a-2']);
  });

  it('spread pods over both nodes, each with an address of its node on the one network', () => {
    const nodes = pods['bc-a']!.map(({ spec }) => spec.nodeName);
    expect(new Set(nodes)).toEqual(new Set(['bc-a-1', 'bc-a-2']));
    const addressOf = new Map(clusters['bc-a']!.nodes.map(({ name, address }) => [name, address]));
    const block = (address: string): string => address.split('.').slice(0, 3).join('.');
    for (const pod of pods['bc-a']!) expect(block(ipOf(pod))).toBe(block(addressOf.get(pod.spec.nodeName!)!));
  });

  it('have pods that the host reaches, without NAT', async () => {
    for (const pod of [...pods['bc-a']!, ...pods['bc-b']!]) {
      const seen = await (await fetch(`http://${ipOf(pod)}:${port}`, { signal: AbortSignal.timeout(5_000) })).text();
      expect(seen).toMatch(/^10\.\d+\.0\.1$/);
    }
  });

  it('have pods that reach those of every node and of the other cluster, without NAT', async () => {
    const [from] = pods['bc-a']!;
    for (const to of [...pods['bc-a']!, ...pods['bc-b']!])
      expect(await askFrom('bc-a', from!, `http://${ipOf(to)}:${port}`)).toBe(ipOf(from!));
  });

  it('have services that are reached from a pod by their cluster address', async () => {
    const { spec } = await clients['bc-a']!.get<KubeObject & { spec: { clusterIP: string } }>(resources.services, {
      namespace,
      name: 'echo',
    });
    const ask = (): Promise<string> => askFrom('bc-a', pods['bc-a']![0]!, `http://${spec.clusterIP}`);
    await expect.poll(ask, { timeout: 10_000 }).toMatch(/^10\./);
  });

  it("give a command's output, exit code and a container's log through the library's client", async () => {
    const ref = { namespace, name: pods['bc-b']![0]!.metadata.name };
    const command = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
    expect(await clients['bc-b']!.exec(ref, command)).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 3 });
    expect(await clients['bc-b']!.logs(ref)).toBe('listening\n');
  });

  it('lose a node that is cut off and get it back, its pods never restarted', async () => {
    const onNode = pods['bc-b']!.filter(({ spec }) => spec.nodeName === 'bc-b-2');
    await clusters['bc-b']!.partitionNode('bc-b-2');
    await expect(fetch(`http://${ipOf(onNode[0]!)}:${port}`, { signal: AbortSignal.timeout(1_000) })).rejects.toThrow();
    await expect.poll(() => nodeIsReady('bc-b', 'bc-b-2'), { timeout: 45_000, interval: 500 }).toBe(false);
    expect(await nodeIsReady('bc-b', 'bc-b-1')).toBe(true);
    await clusters['bc-b']!.mendNode('bc-b-2');
    await expect.poll(() => nodeIsReady('bc-b', 'bc-b-2'), { timeout: 60_000, interval: 500 }).toBe(true);
    const after = await readyPods(clients['bc-b']!, namespace, selector, 3);
    expect(after.map(({ metadata }) => metadata.uid).sort()).toEqual(
      pods['bc-b']!.map(({ metadata }) => metadata.uid).sort(),
    );
  });

  it('lose a node whose kubelet stopped, while its pods serve on', async () => {
    await clusters['bc-a']!.stopKubelet('bc-a-2');
    await expect.poll(() => nodeIsReady('bc-a', 'bc-a-2'), { timeout: 45_000, interval: 500 }).toBe(false);
    for (const pod of pods['bc-a']!.filter(({ spec }) => spec.nodeName === 'bc-a-2'))
      expect((await fetch(`http://${ipOf(pod)}:${port}`)).status).toBe(200);
    await clusters['bc-a']!.startKubelet('bc-a-2');
    expect(await nodeIsReady('bc-a', 'bc-a-2')).toBe(true);
  });

  it('boot a node again whose power failed, and its pods with it', async () => {
    const before = pods['bc-a']!.filter(({ spec }) => spec.nodeName === 'bc-a-1');
    await clusters['bc-a']!.killNode('bc-a-1');
    await expect(fetch(`http://${ipOf(before[0]!)}:${port}`, { signal: AbortSignal.timeout(1_000) })).rejects.toThrow();
    await clusters['bc-a']!.bootNode('bc-a-1');
    expect(await nodeIsReady('bc-a', 'bc-a-1')).toBe(true);
    for (const { metadata } of before) {
      const restarted = async (): Promise<unknown> => {
        const pod = await clients['bc-a']!.get<Pod>(resources.pods, { namespace, name: metadata.name });
        const { ready, restartCount } = containerOf(pod)!;
        return { uid: pod.metadata.uid, ready, restartCount };
      };
      const expected = { uid: metadata.uid, ready: true, restartCount: 1 };
      await expect.poll(restarted, { timeout: 30_000, interval: 200 }).toEqual(expected);
    }
  });
});
