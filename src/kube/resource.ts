import { KubeError } from './error.js';

/** A kind of object as the API addresses it. `group` is empty for the core group. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const resource = (group: string, version: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

/** The kinds that this library itself reads and writes; any other is a value of {@link ResourceType}. */
export const resources = {
  namespaces: resource('', 'v1', 'namespaces', 'Namespace', false),
  nodes: resource('', 'v1', 'nodes', 'Node', false),
  pods: resource('', 'v1', 'pods', 'Pod'),
  services: resource('', 'v1', 'services', 'Service'),
  endpoints: resource('', 'v1', 'endpoints', 'Endpoints'),
  secrets: resource('', 'v1', 'secrets', 'Secret'),
  configMaps: resource('', 'v1', 'configmaps', 'ConfigMap'),
  events: resource('', 'v1', 'events', 'Event'),
  deployments: resource('apps', 'v1', 'deployments', 'Deployment'),
  replicaSets: resource('apps', 'v1', 'replicasets', 'ReplicaSet'),
  endpointSlices: resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  leases: resource('coordination.k8s.io', 'v1', 'leases', 'Lease'),
} as const;

/** `v1` or `group/version`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * The path of a collection or, with `name`, of one object: `/apis/apps/v1/namespaces/shop/deployments/trade-core`.
 *
 * @throws KubeError `KUBE_INVALID` for a name that would make another path: an empty one would mean the collection.
 */
export function resourcePath(
  type: ResourceType,
  where: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  },
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && where.namespace !== undefined ? `/namespaces/${segment(where.namespace)}` : '';
  const name = where.name === undefined ? '' : `/${segment(where.name)}`;
  const sub = where.subresource === undefined ? '' : `/${where.subresource}`;
  return `${root}${scope}/${type.plural}${name}${sub}`;
}

function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new KubeError('KUBE_INVALID', `"${name}" is no name of an object`, {
      hint: 'leave it out to mean the whole collection',
    });
  }
  return encodeURIComponent(name);
}
