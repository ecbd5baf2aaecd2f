import type { ClusterStore, StoreEvent } from '../store.js';
import { controllerOf, adopted, controllerReference, isControlledBy, matchesSelector, released } from './ownership.js';
import {
  getOf,
  keyOf,
  kinds,
  listOf,
  namespaceAndName,
  randomSuffix,
  type PodObject,
  type ReplicaSetObject,
} from './objects.js';
import { withoutZeros } from './rollout-status.js';
import { availableAt, byDeletionOrder, isActive, isReady } from './pod-state.js';

const manager = 'replicaset-controller';

/** What a ReplicaSet's pods call for. */
export interface ReplicaSetPlan {
  readonly adopt: readonly PodObject[];
  readonly release: readonly PodObject[];
  readonly create: number;
  readonly remove: readonly PodObject[];
  readonly status: NonNullable<ReplicaSetObject['status']>;
  /** When the next ready pod gets available, in milliseconds since 1970. */
  readonly lookAgainAt: number | undefined;
}

/** Pure: from a ReplicaSet and all pods of its namespace to what there is to do. */
export function planReplicaSet(set: ReplicaSetObject, pods: readonly PodObject[], now: number): ReplicaSetPlan {
  const matches = (pod: PodObject): boolean => matchesSelector(set.spec.selector, pod.metadata.labels);
  const active = pods.filter(isActive);
  const adopt = active.filter((pod) => controllerOf(pod) === undefined && matches(pod));
  const release = active.filter((pod) => isControlledBy(pod, set) && !matches(pod));
  const own = [...active.filter((pod) => isControlledBy(pod, set) && matches(pod)), ...adopt];
  const wanted = set.spec.replicas ?? 1;
  const availability = own.flatMap((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) ?? []);
  const later = availability.filter((at) => at > now);
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const labelled = own.filter((pod) => templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value));
  return {
    adopt,
    release,
    create: Math.max(0, wanted - own.length),
    remove: own.toSorted(byDeletionOrder).slice(0, Math.max(0, own.length - wanted)),
    status: {
      replicas: own.length,
      ...withoutZeros({
        fullyLabeledReplicas: labelled.length,
        readyReplicas: own.filter(isReady).length,
        availableReplicas: availability.length - later.length,
        observedGeneration: set.metadata.generation ?? 0,
      }),
    },
    lookAgainAt: later.length === 0 ? undefined : Math.min(...later),
  };
}

function newPod(set: ReplicaSetObject): PodObject {
  const { metadata = {}, spec } = set.spec.template ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${set.metadata.name}-${randomSuffix()}`,
      namespace: set.metadata.namespace,
      labels: metadata.labels,
      annotations: metadata.annotations,
      ownerReferences: [controllerReference(kinds.replicaSets.resource, set)],
    },
    spec: spec ?? { containers: [] },
  };
}

/** Keeps a ReplicaSet's number of pods; answers the milliseconds until a pod gets available. */
export function reconcileReplicaSet(store: ClusterStore, key: string, now: number): number | undefined {
  const [namespace, name] = namespaceAndName(key);
  const set = getOf(store, kinds.replicaSets, namespace, name);
  if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
  const plan = planReplicaSet(set, listOf(store, kinds.pods, namespace), now);
  const { resource: pods } = kinds.pods;
  for (const pod of plan.adopt) store.update(pods, adopted(pod, kinds.replicaSets.resource, set), manager);
  for (const pod of plan.release) store.update(pods, released(pod, set), manager);
  for (let made = 0; made < plan.create; made += 1) store.create(pods, newPod(set), manager);
  for (const pod of plan.remove) store.delete(pods, namespace, pod.metadata.name, { uid: pod.metadata.uid ?? '' });
  const current = getOf(store, kinds.replicaSets, namespace, name);
  if (current !== undefined) {
    store.update(kinds.replicaSets.resource, { ...current, status: plan.status }, manager, 'status');
  }
  return plan.lookAgainAt === undefined ? undefined : plan.lookAgainAt - now;
}

/** The ReplicaSets that a change may concern: itself, its pods' owners, and those that could adopt a pod. */
export function replicaSetsOf(store: ClusterStore, event: StoreEvent): string[] {
  if (event.resource.kind === 'ReplicaSet') return [keyOf(event.object)];
  if (event.resource.kind !== 'Pod') return [];
  const states = [event.object, ...(event.previous === undefined ? [] : [event.previous])];
  return listOf(store, kinds.replicaSets, event.object.metadata.namespace)
    .filter((set) =>
      states.some((pod) => isControlledBy(pod, set) || matchesSelector(set.spec.selector, pod.metadata.labels)),
    )
    .map(keyOf);
}
