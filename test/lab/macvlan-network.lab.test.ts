// MacvlanNetwork's objects as real Multus, host-local and whereabouts take them: who gets which address.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AddressRange,
  defineAddressPlan,
  MacvlanNetwork,
  type MacvlanNetworkProps,
  nodeNetworkConfig,
} from '../../constructs/index.js';
import { isWithin } from '../../constructs/network/address-range.js';
import { type KubeClient, type KubeObject, resources, type ResourceType } from '../../src/kube/index.js';
import { networkAddresses } from '../../src/members/index.js';
import { buildBinary } from './binaries/build.js';
import { definition, definitions } from './by-hand/definitions.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { references } from './images/lab-images.js';
import { clientOf, readyPods, type Pod } from './node/pods.js';
import { interfaces, paths } from './node/paths.js';
import { waitFor } from './processes/wait.js';
import { useLab } from './use-lab.js';

const name = 'macvlan-network';
const namespace = 'default';
const networks: ResourceType = {
  group: 'k8s.cni.cncf.io',
  version: 'v1',
  plural: 'network-attachment-definitions',
  kind: 'NetworkAttachmentDefinition',
  namespaced: true,
};
describe('a macvlan network of an address plan', () => {
  let cluster: LabCluster;
  let client: KubeClient;
  /** `10.77`, by which the lab's addresses begin. */
  let start: string;
  const range = (first: number, last: number): AddressRange => ({
    first: `${start}.250.${first}`,
    last: `${start}.250.${last}`,
  });
  /** A folder of a node's own, beside the cluster's logs. */
  const nodeFolder = (node: string): string => join(dirname(cluster.logFolder), node);
  const onDisk = (node: string, path: string): string => path.replace('/var/lib', join(nodeFolder(node), 'lib'));

  const props = (network: string, more: Pick<MacvlanNetworkProps, 'plan' | 'pool'>): MacvlanNetworkProps => ({
    name: network,
    namespace,
    master: interfaces.uplink,
    cluster: name,
    ...more,
  });
  const objectOf = (network: MacvlanNetworkProps): KubeObject =>
    new MacvlanNetwork(new Chart(new App(), name), 'network', network).definition.toJson() as KubeObject;

  /** Pods that ask for a network, spread over the nodes. */
  async function addPods(network: string, count: number, from = 0): Promise<void> {
    for (let index = from; index < from + count; index += 1) {
      await client.create(resources.pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${network}-${index}`,
          namespace,
          labels: { network },
          annotations: { 'k8s.v1.cni.cncf.io/networks': network },
        },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': cluster.nodes[index % 2]!.name },
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'app', image: references.busybox, command: ['sleep', '3600'] }],
        },
      });
    }
  }
  const addressOf = (network: string, { metadata }: Pod): string =>
    networkAddresses(metadata.annotations)[`${namespace}.${network}`] ?? '';

  beforeAll(async () => {
    const { path } = await buildBinary('whereabouts', (line) => console.log(line));
    ({ [name]: cluster } = await useLab({ [name]: { idc: 'bc', nodes: 2, secondNetwork: true } }));
    client = clientOf(cluster);
    start = new URL(cluster.url).hostname.split('.').slice(0, 2).join('.');
    const own = { group: 'whereabouts.cni.cncf.io', version: 'v1alpha1' };
    const kinds = [
      { kind: 'IPPool', plural: 'ippools' },
      { kind: 'OverlappingRangeIPReservation', plural: 'overlappingrangeipreservations' },
    ];
    for (const kind of kinds) await client.create(definitions, definition({ ...own, ...kind }));
    for (const node of cluster.nodes) {
      symlinkSync(path, join(nodeFolder(node.name), 'cni-plugins', 'whereabouts'));
      const folder = onDisk(node.name, paths.furtherNetworkConfigs);
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'whereabouts.json'),
        JSON.stringify({ kubernetes: { kubeconfig: cluster.kubeconfig } }),
      );
    }
  }, 600_000);
  afterAll(async () => {
    const { items } = await client.list(resources.pods, { namespace });
    for (const { metadata } of items) await client.delete(resources.pods, { namespace, name: metadata.name });
    await client.close();
  });

  it('has each node give out its own range, from the config that the network has for it', async () => {
    const [one, two] = cluster.nodes.map((node) => node.name);
    const ranges = { [one!]: range(10, 19), [two!]: range(20, 29) };
    const plan = defineAddressPlan({
      idc: 'bc',
      subnet: `${start}.0.0/16`,
      clusters: { [name]: { nodes: ranges } },
    });
    const network = props('per-node', { plan });
    for (const node of cluster.nodes) {
      const { file, text } = nodeNetworkConfig(network, node.name);
      writeFileSync(join(onDisk(node.name, paths.furtherNetworkConfigs), file), text);
    }
    await client.create(networks, objectOf(network));
    await addPods('per-node', 4);
    const pods = await readyPods(client, namespace, 'network=per-node', 4);
    for (const pod of pods) expect(isWithin(addressOf('per-node', pod), ranges[pod.spec.nodeName!]!)).toBe(true);
    expect(new Set(pods.map((pod) => addressOf('per-node', pod))).size).toBe(4);
  }, 120_000);

  it('shares one range among all nodes by whereabouts, and gives no address beyond a fixed pool', async () => {
    const plan = defineAddressPlan({
      idc: 'bc',
      subnet: `${start}.0.0/16`,
      clusters: { [name]: range(100, 199) },
      pools: { pay: range(200, 203) },
    });
    const object = objectOf(props('pay', { plan, pool: 'pay' })) as KubeObject & { spec: { config: string } };
    // Where this lab's nodes have whereabouts' own config: elsewhere it is found by itself.
    const config = JSON.parse(object.spec.config) as { ipam: object };
    const at = join(paths.furtherNetworkConfigs, 'whereabouts.json');
    const adapted = { ...config, ipam: { ...config.ipam, configuration_path: at } };
    await client.create(networks, { ...object, spec: { config: JSON.stringify(adapted) } });
    await addPods('pay', 4);
    const pods = await readyPods(client, namespace, 'network=pay', 4);
    expect(pods.map((pod) => addressOf('pay', pod)).sort()).toEqual(
      [200, 201, 202, 203].map((last) => `${start}.250.${last}`),
    );
    await addPods('pay', 1, 4);
    const refusal = async (): Promise<boolean> => {
      const { items } = await client.list<KubeObject & { readonly message?: string }>(resources.events, { namespace });
      return items.some(({ message = '' }) => /pay-4/.test(message) && /Could not allocate IP in range/.test(message));
    };
    await waitFor('the fifth pod is told that the pool is empty', refusal, { deadlineMs: 60_000 });
  }, 180_000);
});
