import type { PodCondition } from 'kubernetes-types/core/v1.js';
import type { ClusterStore, StoreEvent } from '../store.js';
import { getOf, kinds, listOf, timeText, type PodObject } from './objects.js';
import { isNodeReady } from './scheduler.js';
import { isReady } from './pod-state.js';

const manager = 'node-controller';

function notReady(pod: PodObject, now: number): PodObject {
  const conditions = (pod.status?.conditions ?? []).map((condition): PodCondition =>
    condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: timeText(now) } : condition,
  );
  return { ...pod, status: { ...pod.status, conditions } };
}

/** Marks the pods of a node that is not ready as not ready; their kubelet says otherwise once it is back. */
export function reconcileNode(store: ClusterStore, name: string, now: number): undefined {
  const node = getOf(store, kinds.nodes, '', name);
  if (node === undefined || isNodeReady(node)) return;
  for (const pod of listOf(store, kinds.pods)) {
    if (pod.spec.nodeName === name && isReady(pod)) {
      store.update(kinds.pods.resource, notReady(pod, now), manager, 'status');
    }
  }
}

/** The node that changed, or the node of a pod that got ready. */
export function nodesOf(event: StoreEvent): string[] {
  if (event.type === 'DELETED') return [];
  if (event.resource.kind === 'Node') return [event.object.metadata.name];
  if (event.resource.kind !== 'Pod') return [];
  const pod = kinds.pods.of(event.object);
  return pod.spec.nodeName !== undefined && isReady(pod) ? [pod.spec.nodeName] : [];
}
