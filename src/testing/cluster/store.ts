import type { KubeObject } from '../../kube/object.js';
import type { ResourceType } from '../../kube/resource.js';

/** One accepted change, in the order of resource versions. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceType;
  readonly object: KubeObject;
  /** The object before the change, absent for ADDED. */
  readonly previous: KubeObject | undefined;
  readonly resourceVersion: number;
}

/**
 * What controllers and the kubelet use inside the embedded cluster: the same rules of the API (generation,
 * resourceVersion, finalizers, conflicts) without HTTP. Objects that it hands out are never changed in place; a caller
 * that wants a change writes a new object.
 */
export interface ClusterStore {
  get(resource: ResourceType, namespace: string, name: string): KubeObject | undefined;
  list(resource: ResourceType, namespace?: string): KubeObject[];
  /** Throws an ApiError 409 AlreadyExists. */
  create(resource: ResourceType, object: KubeObject, manager: string): KubeObject;
  /** Replaces the whole object or, with `status`, its status only; throws an ApiError 409 when the resourceVersion is given and is not the present one. Writing what is there already changes nothing. */
  update(resource: ResourceType, object: KubeObject, manager: string, subresource?: 'status'): KubeObject;
  /**
   * Deletes as the API does: an object with finalizers, and a pod that is bound to a node and has grace, only gets its
   * deletionTimestamp; `gracePeriodSeconds: 0` takes a pod away at once.
   */
  delete(
    resource: ResourceType,
    namespace: string,
    name: string,
    options?: { readonly gracePeriodSeconds?: number; readonly uid?: string },
  ): void;
  /** Called synchronously after each change; returns the way to stop. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
}
