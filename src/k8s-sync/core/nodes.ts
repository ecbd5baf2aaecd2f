// Which nodes were lost together: the network between them and the control plane is a likelier cause than so many machines.
import type { NodeRecord } from '../../members/index.js';
import type { SyncGuards } from './config.js';
import type { NodeChange } from './event.js';
import type { Nodes, SyncState } from './state.js';

export function takeNodes(state: SyncState, changes: readonly NodeChange[], now: number): SyncState {
  let { nodes } = state;
  for (const change of changes) nodes = takeChange(nodes, change, now);
  return { ...state, nodes: { ...nodes, lost: lostTogether(nodes.known, state.config.guards) } };
}

function takeChange(nodes: Nodes, change: NodeChange, now: number): Nodes {
  const { known } = nodes;
  switch (change.kind) {
    case 'replaced':
      return { ...nodes, sight: 'seen', known: change.nodes };
    case 'upserted':
      return { ...nodes, known: { ...known, [change.name]: change.node } };
    case 'removed':
      return { ...nodes, known: without(known, change.name) };
    case 'awaited':
      return { ...nodes, sight: 'awaited', awaitedSince: nodes.sight === 'awaited' ? nodes.awaitedSince : now };
    case 'unseen':
      // What was lost when it was last seen stays so: not to see it does not bring it back.
      return { ...nodes, sight: 'unseen' };
  }
}

const without = <T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));

/**
 * Names of the nodes that turned not ready within one window and are a large part of those that were ready until then.
 * Only the cluster's own times are compared, so that a syncer that starts in the midst of it comes to the same answer, and
 * nodes that have been broken one after the other count for nothing.
 */
export function lostTogether(
  known: Readonly<Record<string, NodeRecord>>,
  { minLostNodes, maxLostNodesRatio, windowMs }: SyncGuards,
): Readonly<Record<string, true>> {
  const down = Object.entries(known)
    .filter(([, { ready }]) => !ready)
    .sort(([, a], [, b]) => a.since - b.since);
  const ready = Object.keys(known).length - down.length;
  const lost: Record<string, true> = {};
  let first = 0;
  let marked = 0;
  for (const [last, [, { since }]] of down.entries()) {
    while (since - (down[first]?.[1].since ?? since) > windowMs) first += 1;
    const count = last - first + 1;
    if (count < minLostNodes || count / (count + ready) < maxLostNodesRatio) continue;
    for (const [name] of down.slice(Math.max(first, marked), last + 1)) lost[name] = true;
    marked = last + 1;
  }
  return lost;
}
