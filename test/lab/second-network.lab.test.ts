import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resources, type KubeClient, type KubeObject } from '../../src/kube/index.js';
import { references } from './images/lab-images.js';
import { clientOf, readyPods, type Pod } from './node/pods.js';
import { useLab } from './use-lab.js';

const namespace = 'default';
const port = 8080;
/** Answers each request with the address that it came to. */
const server = `require('http').createServer((q, r) => r.end(q.socket.localAddress)).listen(${port}, '0.0.0.0')`;

const pod = (name: string, node: string, annotations: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: 'second-network' }, annotations },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': node },
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'app', image: references.node, command: ['node', '-e', server] }],
  },
});

interface NetworkStatus {
  readonly name: string;
  readonly interface: string;
  readonly ips: readonly string[];
  readonly default?: boolean;
}

const networksOf = ({ metadata }: Pod): readonly NetworkStatus[] =>
  JSON.parse(metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]') as readonly NetworkStatus[];

describe('a cluster with macvlan as the second network', () => {
  let client: KubeClient;
  let pods: Readonly<Record<string, Pod>> = {};

  /** What comes back from a GET inside a pod. */
  async function askFrom(from: string, address: string): Promise<string> {
    const script = `require('http').get('http://${address}:${port}', { timeout: 5000 }, (r) => r.pipe(process.stdout))`;
    const { stdout, stderr, exitCode } = await client.exec({ namespace, name: from }, ['node', '-e', script]);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }

  // Multus is built when it is not in the cache.
  beforeAll(async () => {
    const { 'second-network': cluster } = await useLab({
      'second-network': { idc: 'bc', nodes: 2, secondNetwork: true },
    });
    client = clientOf(cluster);
    const [first, second] = cluster.nodes.map(({ name }) => name);
    const asksFor = { 'k8s.v1.cni.cncf.io/networks': 'macvlan' };
    await client.create(resources.pods, pod('with', first!, asksFor));
    await client.create(resources.pods, pod('elsewhere', second!, asksFor));
    await client.create(resources.pods, pod('without', second!));
    const ready = await readyPods(client, namespace, 'app=second-network', 3);
    pods = Object.fromEntries(ready.map((each) => [each.metadata.name, each]));
  }, 600_000);
  afterAll(async () => {
    for (const name of Object.keys(pods)) await client.delete(resources.pods, { namespace, name });
    await client.close();
  });

  it('gives a pod that asks for it a second interface, and says so in its annotation', () => {
    expect(networksOf(pods['with']!)).toEqual([
      expect.objectContaining({ interface: 'eth0', ips: [pods['with']!.status.podIP], default: true }),
      expect.objectContaining({
        name: 'default/macvlan',
        interface: 'net1',
        ips: [expect.stringMatching(/^10\.\d+\.\d+\.\d+$/)],
      }),
    ]);
  });

  it('gives one that does not ask only the routed network, which is the address that Kubernetes knows', () => {
    expect(networksOf(pods['without']!).map((network) => network.interface)).toEqual(['eth0']);
    expect(pods['without']!.status.podIP).toMatch(/^10\.1[12]\d\.2\.\d+$/);
  });

  it('has second addresses that answer on the layer 2: to the host, and to pods of other nodes', async () => {
    for (const name of ['with', 'elsewhere']) {
      const address = networksOf(pods[name]!)[1]!.ips[0]!;
      const answer = await fetch(`http://${address}:${port}`, { signal: AbortSignal.timeout(5_000) });
      expect(await answer.text()).toBe(address);
    }
    const elsewhere = networksOf(pods['elsewhere']!)[1]!.ips[0]!;
    expect(await askFrom('with', elsewhere)).toBe(elsewhere);
  });

  it('routes the first network between its nodes, as a cluster of its own does', async () => {
    const { podIP } = pods['without']!.status;
    expect(await askFrom('with', podIP!)).toBe(podIP);
  });
});
