import { resources, type ResourceType } from '../../../kube/resource.js';
import type { KubeObject } from '../../../kube/object.js';
import type { ClusterStore, StoreEvent } from '../store.js';

const everyKind: readonly ResourceType[] = Object.values(resources);
const namespaced = everyKind.filter((type) => type.namespaced);

function deleteAll(store: ClusterStore, type: ResourceType, objects: readonly KubeObject[]): void {
  for (const { metadata } of objects) {
    if (metadata.deletionTimestamp !== undefined) continue;
    store.delete(type, metadata.namespace ?? '', metadata.name, { uid: metadata.uid ?? '' });
  }
}

function ownerIsGone(store: ClusterStore, object: KubeObject): boolean {
  const owners = object.metadata.ownerReferences ?? [];
  return (
    owners.length > 0 &&
    owners.every((owner) => {
      const type = everyKind.find(({ kind }) => kind === owner.kind);
      if (type === undefined) return false;
      const namespace = type.namespaced ? (object.metadata.namespace ?? '') : '';
      return store.get(type, namespace, owner.name)?.metadata.uid !== owner.uid;
    })
  );
}

/** Deletes, in the background, the objects in a namespace of which every owner is gone. */
export function collectGarbage(store: ClusterStore, namespace: string): undefined {
  for (const type of namespaced) {
    deleteAll(
      store,
      type,
      store.list(type, namespace).filter((object) => ownerIsGone(store, object)),
    );
  }
}

/** Namespaces in which an owner went away, or a dependent appeared. */
export function garbageOf(event: StoreEvent): string[] {
  const { namespace, ownerReferences } = event.object.metadata;
  if (namespace === undefined || event.resource.kind === 'Event') return [];
  if (event.type === 'DELETED') return [namespace];
  return event.type === 'ADDED' && ownerReferences !== undefined ? [namespace] : [];
}
