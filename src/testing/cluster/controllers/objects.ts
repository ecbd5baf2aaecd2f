// The kinds that the controllers and the kubelet work on, with the API's own types for their specs.
import type { DeploymentSpec, DeploymentStatus, ReplicaSetSpec, ReplicaSetStatus } from 'kubernetes-types/apps/v1.js';
import type { Container, NodeSpec, NodeStatus, PodSpec, PodStatus, ServiceSpec } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort } from 'kubernetes-types/discovery/v1.js';
import type { KubeObject } from '../../../kube/object.js';
import { resources, type ResourceType } from '../../../kube/resource.js';
import type { ClusterStore } from '../store.js';

export interface PodObject extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}
export interface NodeObject extends KubeObject {
  spec?: NodeSpec;
  status?: NodeStatus;
}
export interface ServiceObject extends KubeObject {
  spec: ServiceSpec;
}
export interface DeploymentObject extends KubeObject {
  spec: DeploymentSpec;
  status?: DeploymentStatus;
}
export interface ReplicaSetObject extends KubeObject {
  spec: ReplicaSetSpec;
  status?: ReplicaSetStatus;
}
/** A slice without endpoints has `null` for both lists, as the real controller writes it. */
export interface EndpointSliceObject extends KubeObject {
  addressType: string;
  endpoints: Endpoint[] | null;
  ports: EndpointPort[] | null;
}

/** A resource and the type of its objects. */
export interface Kind<T extends KubeObject> {
  readonly resource: ResourceType;
  /** Names an object's type; the store keeps objects of one kind in each resource. */
  of(object: KubeObject): T;
}

function kind<T extends KubeObject>(resource: ResourceType): Kind<T> {
  return { resource, of: (object) => object as T };
}

export const kinds = {
  pods: kind<PodObject>(resources.pods),
  nodes: kind<NodeObject>(resources.nodes),
  services: kind<ServiceObject>(resources.services),
  deployments: kind<DeploymentObject>(resources.deployments),
  replicaSets: kind<ReplicaSetObject>(resources.replicaSets),
  endpointSlices: kind<EndpointSliceObject>(resources.endpointSlices),
};

export function listOf<T extends KubeObject>(store: ClusterStore, type: Kind<T>, namespace?: string): T[] {
  return store.list(type.resource, namespace).map((object) => type.of(object));
}

export function getOf<T extends KubeObject>(
  store: ClusterStore,
  type: Kind<T>,
  namespace: string,
  name: string,
): T | undefined {
  const object = store.get(type.resource, namespace, name);
  return object === undefined ? undefined : type.of(object);
}

/** The container of a pod that has one, as every pod has that the kubelet runs. */
export function containerOf(pod: PodObject): Container {
  return pod.spec.containers[0] ?? { name: '' };
}

/** `namespace/name`, the key of a controller's queue. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function namespaceAndName(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

/** RFC 3339 in whole seconds, as the API writes times. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Five characters as the API server appends to a `generateName`. */
export function randomSuffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => letters.charAt(Math.floor(Math.random() * letters.length))).join('');
}
