// Which object belongs to which: label selectors and controller references.
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { apiVersionOf, type ResourceType } from '../../../kube/resource.js';
import type { KubeObject, OwnerReference } from '../../../kube/object.js';

export type Labels = Readonly<Record<string, string>>;

/** True when every key of a plain selector has that value; an empty selector matches nothing. */
export function matchesLabels(selector: Labels | undefined, labels: Labels | undefined): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

/** A workload's selector; an empty one matches nothing, since the API refuses it there. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return false;
  const plain = Object.entries(matchLabels).every(([key, value]) => labels?.[key] === value);
  return (
    plain &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels?.[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      return operator === 'Exists' ? value !== undefined : value === undefined;
    })
  );
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function controllerReference(type: ResourceType, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The object without its reference to this owner. */
export function released<T extends KubeObject>(object: T, owner: KubeObject): T {
  const ownerReferences = object.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid);
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}

/** The object with this owner as its controller. */
export function adopted<T extends KubeObject>(object: T, type: ResourceType, owner: KubeObject): T {
  const ownerReferences = [...(object.metadata.ownerReferences ?? []), controllerReference(type, owner)];
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}
