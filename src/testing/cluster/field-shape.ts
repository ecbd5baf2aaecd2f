import { isList, isMap, type JsonMap } from './json.js';

/** How a value merges: each field on its own, as one value, as a set, or as items found by keys. */
export type Shape = 'granular' | 'atomic' | 'set' | readonly Key[];

/** A key field of a list's items and the value that stands for its absence. */
interface Key {
  readonly field: string;
  readonly absent?: string;
}

const key = (...fields: readonly string[]): readonly Key[] => fields.map((field) => ({ field }));
const protocol: Key = { field: 'protocol', absent: 'TCP' };

/** Lists by `parent.field` or `field`, as the types of Kubernetes 1.34 declare them; any other list is atomic. */
const lists: Readonly<Record<string, Shape>> = {
  containers: key('name'),
  initContainers: key('name'),
  ephemeralContainers: key('name'),
  env: key('name'),
  volumes: key('name'),
  imagePullSecrets: key('name'),
  resourceClaims: key('name'),
  volumeMounts: key('mountPath'),
  volumeDevices: key('devicePath'),
  hostAliases: key('ip'),
  topologySpreadConstraints: key('topologyKey', 'whenUnsatisfiable'),
  'containers.ports': [{ field: 'containerPort' }, protocol],
  'initContainers.ports': [{ field: 'containerPort' }, protocol],
  'spec.ports': [{ field: 'port' }, protocol],
  'status.conditions': key('type'),
  'status.addresses': key('type'),
  'status.podIPs': key('ip'),
  'metadata.ownerReferences': key('uid'),
  'metadata.finalizers': 'set',
  'spec.podCIDRs': 'set',
};

/** Maps that are one value. */
const atomicMaps = new Set([
  'spec.selector',
  'labelSelector',
  'nodeSelector',
  'requiredDuringSchedulingIgnoredDuringExecution',
  'fieldRef',
  'resourceFieldRef',
  'secretKeyRef',
  'configMapKeyRef',
  'involvedObject',
  'related',
]);

/** `names` are the field names on the way, without list items. */
export function shapeOf(names: readonly string[], value: unknown): Shape {
  const last = names.at(-1) ?? '';
  const pair = `${names.at(-2) ?? ''}.${last}`;
  if (isList(value)) return lists[pair] ?? lists[last] ?? 'atomic';
  if (isMap(value)) return atomicMaps.has(pair) || atomicMaps.has(last) ? 'atomic' : 'granular';
  return 'atomic';
}

/** The path element of a keyed list's item, `k:{"name":"app"}`; absent when the item has not all keys. */
export function itemElement(keys: readonly Key[], item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const found: JsonMap = {};
  for (const { field, absent } of [...keys].sort((a, b) => (a.field < b.field ? -1 : 1))) {
    const value = item[field] ?? absent;
    if (value === undefined) return undefined;
    found[field] = value;
  }
  return `k:${JSON.stringify(found)}`;
}

export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;
