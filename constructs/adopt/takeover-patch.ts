import type { ManifestObject } from '../objects/manifest-object.js';
import { isMap, type JsonMap } from '../pod/json.js';
import { itemsOf, mapAt, textAt } from './former.js';

/** One operation of a JSON patch. */
export interface PatchOperation {
  readonly op: 'test' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

/**
 * The JSON patch that gives all fields of an object to one manager of server-side apply, and changes nothing else. Its next
 * apply then meets no conflict, and removes what it does not name: without the patch the former managers' fields would stay,
 * a container of another name too. Replicas are given to nobody, and stay as they are. It is refused when the object has
 * changed since it was read.
 *
 * @param object as the cluster has it, with its `managedFields` and `resourceVersion`.
 * @param fieldManager who applies it from now on: a release is `youzan-kube-release`.
 * @returns `undefined` for an object that was not read from a cluster.
 *
 * @example
 * const patch = takeoverPatch(deployment, 'youzan-kube-release');
 * // kubectl patch deployment shop-web --type=json -p "$(cat patch.json)"
 */
export function takeoverPatch(object: ManifestObject, fieldManager: string): readonly PatchOperation[] | undefined {
  const owners = itemsOf(object.metadata, 'managedFields');
  const resourceVersion = textAt(object.metadata, 'resourceVersion');
  if (owners.length === 0 || resourceVersion === undefined) return undefined;
  const ofSubresources = owners.filter((owner) => textAt(owner, 'subresource') !== undefined);
  const former = owners.filter((owner) => !ofSubresources.includes(owner));
  const fields = withoutReplicas(former.map((owner) => mapAt(owner, 'fieldsV1')).reduce(union, {}));
  const times = former.flatMap((owner) => textAt(owner, 'time') ?? []).sort();
  const all = {
    manager: fieldManager,
    operation: 'Apply',
    apiVersion: object.apiVersion,
    time: times.at(-1),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  };
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: [...ofSubresources, all] },
  ];
}

/** The fields that either has. */
function union(left: JsonMap, right: JsonMap): JsonMap {
  const shared = Object.keys(right).filter((key) => key in left);
  const both = shared.map((key) => [key, union(mapAt(left, key), mapAt(right, key))] as const);
  return { ...left, ...right, ...Object.fromEntries(both) };
}

function withoutReplicas(fields: JsonMap): JsonMap {
  const spec = fields['f:spec'];
  if (!isMap(spec)) return fields;
  const others = Object.entries(spec).filter(([key]) => key !== 'f:replicas');
  return { ...fields, 'f:spec': Object.fromEntries(others) };
}
