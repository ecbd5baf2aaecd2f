import type { ClusterStore, StoreEvent } from '../store.js';
import { recordEvent } from './event-recorder.js';
import { getOf, keyOf, kinds, listOf, namespaceAndName, timeText, type NodeObject, type PodObject } from './objects.js';
import { conditionOf, isActive, isFinished } from './pod-state.js';

const manager = 'default-scheduler';

export function isNodeReady(node: NodeObject): boolean {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** Pure: the ready, schedulable node with the fewest pods that has the pod's `nodeSelector` labels. */
export function chooseNode(
  pod: PodObject,
  nodes: readonly NodeObject[],
  pods: readonly PodObject[],
): NodeObject | undefined {
  const load = (node: NodeObject): number =>
    pods.filter((other) => other.spec.nodeName === node.metadata.name && !isFinished(other)).length;
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  return nodes
    .filter((node) => isNodeReady(node) && node.spec?.unschedulable !== true)
    .filter((node) => wanted.every(([key, value]) => node.metadata.labels?.[key] === value))
    .toSorted((left, right) => load(left) - load(right) || left.metadata.name.localeCompare(right.metadata.name))[0];
}

function withScheduled(pod: PodObject, status: 'True' | 'False', now: number, why: object): PodObject {
  const conditions = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const scheduled = {
    type: 'PodScheduled',
    status,
    lastProbeTime: undefined,
    lastTransitionTime: timeText(now),
    ...why,
  };
  return { ...pod, status: { phase: 'Pending', ...pod.status, conditions: [...conditions, scheduled] } };
}

/** Binds a pod that has no node yet. */
export function reconcileUnscheduled(store: ClusterStore, key: string, now: number): undefined {
  const [namespace, name] = namespaceAndName(key);
  const pod = getOf(store, kinds.pods, namespace, name);
  if (pod === undefined || pod.spec.nodeName !== undefined || !isActive(pod)) return;
  const { resource } = kinds.pods;
  const nodes = listOf(store, kinds.nodes);
  const node = chooseNode(pod, nodes, listOf(store, kinds.pods));
  if (node === undefined) {
    if (conditionOf(pod, 'PodScheduled')?.status === 'False') return;
    const message = `0/${nodes.length} nodes are available: none is ready, schedulable and has the pod's nodeSelector labels`;
    store.update(resource, withScheduled(pod, 'False', now, { reason: 'Unschedulable', message }), manager, 'status');
    recordEvent(store, pod, { type: 'Warning', reason: 'FailedScheduling', message, component: manager }, now);
    return;
  }
  const bound = kinds.pods.of(
    store.update(resource, { ...pod, spec: { ...pod.spec, nodeName: node.metadata.name } }, manager),
  );
  store.update(resource, withScheduled(bound, 'True', now, {}), manager, 'status');
  const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`;
  recordEvent(store, pod, { type: 'Normal', reason: 'Scheduled', message, component: manager }, now);
}

/** Pods without a node: the changed one, or all of them when a node changed. */
export function unscheduledOf(store: ClusterStore, event: StoreEvent): string[] {
  const isWaiting = (pod: PodObject): boolean => pod.spec.nodeName === undefined && isActive(pod);
  if (event.resource.kind === 'Node') return listOf(store, kinds.pods).filter(isWaiting).map(keyOf);
  if (event.resource.kind !== 'Pod' || event.type === 'DELETED') return [];
  const pod = kinds.pods.of(event.object);
  return isWaiting(pod) ? [keyOf(pod)] : [];
}
