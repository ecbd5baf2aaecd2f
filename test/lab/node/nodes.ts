// The nodes of one cluster: started when first asked for, and broken by name.
import { LabError } from '../lab-error.js';
import type { LabNode, NodeFaults, NodeInfo } from './lab-node.js';

export interface Nodes extends NodeFaults {
  readonly list: () => readonly NodeInfo[];
  /** Starts nodes, side by side, until there are so many. */
  readonly ensure: (count: number) => Promise<void>;
}

export function createNodes(cluster: string, start: (number: number) => Promise<LabNode>): Nodes {
  const starting: Promise<LabNode>[] = [];
  const ready = new Map<string, LabNode>();
  const named = (name: string): LabNode => {
    const node = ready.get(name);
    if (node !== undefined) return node;
    throw new LabError(`${cluster} has no node ${name}; it has ${[...ready.keys()].join(', ') || 'none'}`);
  };
  return {
    list: () => [...ready.values()].map(({ name, address }) => ({ name, address })),
    async ensure(count) {
      while (starting.length < count) starting.push(start(starting.length + 1));
      for (const node of await Promise.all(starting)) ready.set(node.name, node);
    },
    stopKubelet: (name) => named(name).stopKubelet(),
    startKubelet: (name) => named(name).startKubelet(),
    partitionNode: (name) => named(name).partition(),
    mendNode: (name) => named(name).mend(),
    killNode: (name) => named(name).kill(),
    bootNode: (name) => named(name).boot(),
  };
}
