// What the controllers ask about a pod.
import type { PodCondition } from 'kubernetes-types/core/v1.js';
import type { PodObject } from './objects.js';

export function conditionOf(pod: PodObject, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: PodObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

export function isFinished(pod: PodObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isTerminating(pod: PodObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Counts for a ReplicaSet: neither finished nor on its way out. */
export function isActive(pod: PodObject): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

/** When a ready pod counts as available, in milliseconds since 1970; undefined for one that is not ready. */
export function availableAt(pod: PodObject, minReadySeconds: number): number | undefined {
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  const since = ready.lastTransitionTime === undefined ? 0 : Date.parse(ready.lastTransitionTime);
  return since + minReadySeconds * 1_000;
}

const rank = (pod: PodObject): readonly number[] => [
  pod.spec.nodeName === undefined ? 0 : 1,
  pod.status?.phase === 'Running' ? 1 : 0,
  isReady(pod) ? 1 : 0,
  Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
  -Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? ''),
  -(pod.status?.containerStatuses?.[0]?.restartCount ?? 0),
  -Date.parse(pod.metadata.creationTimestamp ?? ''),
];

/**
 * Orders pods so that those to delete first come first: unassigned, not running, not ready, cheap by their deletion
 * cost, ready for the shortest time, often restarted, newest.
 */
export function byDeletionOrder(left: PodObject, right: PodObject): number {
  const rightRank = rank(right);
  for (const [index, value] of rank(left).entries()) {
    const difference = value - (rightRank[index] ?? 0);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return left.metadata.name.localeCompare(right.metadata.name);
}
