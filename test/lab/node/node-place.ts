// Where one node stands on the machine and in the network: pure, from the lab's range and two numbers.
import { nodePodRange, type Addresses } from '../network/addresses.js';
import { LabError } from '../lab-error.js';

export interface NodePlace {
  /** The Node object's name and the hostname. */
  readonly name: string;
  readonly address: string;
  readonly prefixLength: number;
  /** Pods get their addresses from here; they are on the same layer 2 as everything else. */
  readonly pods: { readonly subnet: string; readonly start: string; readonly end: string };
  /** The pods' addresses from here instead, where the layer 2 is their second network. */
  readonly routedPods: string;
  /** The same of every other node that the cluster may have, and the address that leads to them. */
  readonly neighbours: readonly { readonly routedPods: string; readonly address: string }[];
  /** The host's end of its cable: to pull it out of the bridge cuts the node off. */
  readonly link: string;
  readonly namespace: string;
  /** Below each cgroup hierarchy's root. */
  readonly cgroup: string;
}

export interface NodeNumbers {
  /** Start of the names of links and namespaces. */
  readonly prefix: string;
  readonly addresses: Addresses;
  readonly cluster: { readonly name: string; readonly number: number };
  /** Counted from 1 in its cluster. */
  readonly number: number;
}

export const mostClusters = 14;
export const mostNodes = 15;

/** A node and its pods share one /24 of the lab's /16, so that an address tells where it lives: 10.77.18.0 is bc-a-2's. */
export function nodePlace({ prefix, addresses, cluster, number }: NodeNumbers): NodePlace {
  if (cluster.number > mostClusters || number > mostNodes)
    throw new LabError(
      `no address is left for node ${number} of ${cluster.name}, cluster ${cluster.number}`,
      `a lab has at most ${mostClusters} clusters with nodes and ${mostNodes} nodes in each`,
    );
  const [first, second] = addresses.range.split('.');
  const addressOf = (node: number, last: number): string => `${first}.${second}.${16 * cluster.number + node}.${last}`;
  const inRange = (last: number): string => addressOf(number, last);
  const others = Array.from({ length: mostNodes }, (_, index) => index + 1).filter((other) => other !== number);
  const name = `${cluster.name}-${number}`;
  return {
    name,
    address: inRange(1),
    prefixLength: addresses.prefixLength,
    pods: { subnet: addresses.range, start: inRange(10), end: inRange(250) },
    routedPods: nodePodRange(cluster.number, number),
    neighbours: others.map((other) => ({
      routedPods: nodePodRange(cluster.number, other),
      address: addressOf(other, 1),
    })),
    link: `${prefix}n${cluster.number}x${number}`,
    namespace: `${prefix}-${name}`,
    cgroup: `${prefix}/${name}`,
  };
}
