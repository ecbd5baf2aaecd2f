import { describe, expect, it } from 'vitest';
import { addressesOf, serviceRange } from './network/addresses.js';
import { missingControllers } from './node/cgroups.js';
import { multusNetwork, podNetwork, secondNetwork } from './node/config/networks.js';
import { initScript } from './node/init-script.js';
import { mostNodes, nodePlace, type NodePlace } from './node/node-place.js';

const place = (cluster: number, number: number, slot = 0): NodePlace =>
  nodePlace({
    prefix: `ykl${slot}`,
    addresses: addressesOf(slot),
    cluster: { name: `c${cluster}`, number: cluster },
    number,
  });

describe('a place for a node', () => {
  it('has an address and a range for its pods that no other node, control plane or host has', () => {
    const places = [1, 2, 14].flatMap((cluster) => [1, 2, mostNodes].map((number) => place(cluster, number)));
    const { host, controlPlane } = addressesOf(0);
    const blockOf = (address: string): string => address.split('.').slice(0, 3).join('.');
    const blocks = [...places.map(({ address }) => blockOf(address)), blockOf(host), blockOf(controlPlane(1))];
    expect(new Set(blocks).size).toBe(blocks.length);
    for (const { address, pods } of places)
      expect([blockOf(pods.start), blockOf(pods.end)]).toEqual([blockOf(address), blockOf(address)]);
  });

  it('has a link whose name is short enough for the kernel', () => {
    expect(place(14, mostNodes, 7).link.length).toBeLessThanOrEqual(15);
  });

  it.each([
    [15, 1],
    [1, mostNodes + 1],
  ])('is refused for cluster %i, node %i, with the limits', (cluster, number) => {
    expect(() => place(cluster, number)).toThrow('at most 14 clusters with nodes and 15 nodes in each');
  });
});

describe('the pod network', () => {
  it("is macvlan on the node's cable, with the node's range and no route but to the services", () => {
    const { plugins } = JSON.parse(podNetwork(place(1, 2), serviceRange(1))) as {
      readonly plugins: readonly unknown[];
    };
    expect(plugins).toEqual([
      {
        type: 'macvlan',
        master: 'eth0',
        mode: 'bridge',
        ipam: {
          type: 'host-local',
          dataDir: '/var/lib/cni/networks',
          ranges: [[{ subnet: '10.77.0.0/16', rangeStart: '10.77.18.10', rangeEnd: '10.77.18.250' }]],
          routes: [{ dst: '10.97.0.0/16', gw: '10.77.18.1' }],
        },
      },
    ]);
  });
});

describe('the pod networks of a cluster with a second one', () => {
  it('are the routed one for all, with the range of its node', () => {
    const multus = { program: '/bin/multus', kubeconfig: '/lab/multus.conf' };
    const { type, delegates } = JSON.parse(multusNetwork(place(1, 2), multus, '/lab/cni-plugins')) as {
      readonly type: string;
      readonly delegates: readonly { readonly plugins: readonly unknown[] }[];
    };
    expect(type).toBe('multus');
    expect(delegates.map(({ plugins }) => plugins)).toEqual([
      [
        expect.objectContaining({
          type: 'ptp',
          ipam: expect.objectContaining({ ranges: [[{ subnet: '10.113.2.0/24' }]] }) as unknown,
        }),
      ],
    ]);
  });

  it('and macvlan for those that ask, without a route: services are reached by the first', () => {
    expect(JSON.parse(secondNetwork(place(1, 2)))).toMatchObject({
      name: 'macvlan',
      type: 'macvlan',
      ipam: { ranges: [[{ subnet: '10.77.0.0/16', rangeStart: '10.77.18.10' }]], routes: [] },
    });
  });

  it('have a way from each node to the pods of every other', () => {
    const { neighbours } = place(1, 2);
    expect(neighbours).toHaveLength(mostNodes - 1);
    expect(neighbours[0]).toEqual({ routedPods: place(1, 1).routedPods, address: place(1, 1).address });
    const script = initScript('/lab/c1-2', place(1, 2), serviceRange(1), neighbours);
    expect(script).toContain('ip route add 10.113.1.0/24 via 10.77.17.1 dev node0\n');
    expect(script).not.toContain('ip route add 10.113.2.0/24');
  });
});

describe('process 1 of a node', () => {
  const script = initScript('/lab/c1-2', place(1, 2), serviceRange(1));

  it('covers all that the kubelet and containerd write on this machine', () => {
    const targets = [...script.matchAll(/^mount (?:--bind \S+|-t tmpfs .* tmpfs) (\/\S+)$/gm)].map(
      ([, target]) => target,
    );
    expect(targets).toEqual(['/var/lib', '/var/log', '/run', '/etc/resolv.conf']);
    expect(script).toMatch(/vm\/overcommit_memory .*kernel\/panic .*kernel\/keys\/root_maxbytes/);
  });

  it("puts the node's address on a sibling of the pods' interfaces", () => {
    expect(script).toContain('ip link add node0 link eth0 type macvlan mode bridge');
    expect(script).toContain('ip address add 10.77.18.1/16 dev node0');
  });
});

describe('the cgroup controllers of a machine', () => {
  const hierarchy = (controllers: string): string =>
    `cgroup /sys/fs/cgroup/${controllers} cgroup rw,nosuid,relatime,${controllers} 0 0`;

  it.each([
    ['each mounted alone', ['blkio', 'cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'], []],
    ['some mounted together', ['blkio', 'cpu,cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'], []],
    ['two not there', ['blkio', 'cpu,cpuacct', 'cpuset', 'devices', 'freezer'], ['memory', 'pids']],
  ])('%s', (_, mounted, missing) => {
    expect(missingControllers(mounted.map(hierarchy).join('\n'))).toEqual(missing);
  });

  it('are all missing where there is only version 2', () => {
    expect(missingControllers('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n')).toHaveLength(8);
  });
});
