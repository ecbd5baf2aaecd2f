import type { ClusterStore, StoreEvent } from '../store.js';
import {
  getOf,
  keyOf,
  kinds,
  listOf,
  namespaceAndName,
  randomSuffix,
  type EndpointSliceObject,
  type ServiceObject,
} from './objects.js';
import { controllerReference, matchesLabels } from './ownership.js';
import { packSlices, portGroups, type SliceContent } from './slice-packing.js';

const manager = 'endpointslice-controller';
const serviceLabel = 'kubernetes.io/service-name';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const triggerKey = 'endpoints.kubernetes.io/last-change-trigger-time';
const managedBy = 'endpointslice-controller.k8s.io';

function slicesOf(store: ClusterStore, namespace: string, service: string): EndpointSliceObject[] {
  return listOf(store, kinds.endpointSlices, namespace).filter(
    ({ metadata: { labels } }) => labels?.[serviceLabel] === service && labels[managedByLabel] === managedBy,
  );
}

function sliceOf(service: ServiceObject, { slice, ports, endpoints }: SliceContent): EndpointSliceObject {
  const labels = {
    ...service.metadata.labels,
    ...(service.spec.clusterIP === 'None' && { 'service.kubernetes.io/headless': '' }),
    [serviceLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
  return {
    addressType: 'IPv4',
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    ...slice,
    metadata: {
      name: `${service.metadata.name}-${randomSuffix()}`,
      namespace: service.metadata.namespace,
      ownerReferences: [controllerReference(kinds.services.resource, service)],
      ...slice?.metadata,
      labels,
    },
    endpoints,
    ports,
  };
}

const contentOf = ({ metadata, endpoints, ports }: EndpointSliceObject): string =>
  JSON.stringify([endpoints, ports, Object.entries(metadata.labels ?? {}).sort()]);

/** Brings a Service's slices in line with its pods. */
export function reconcileEndpointSlices(store: ClusterStore, key: string, now: number): undefined {
  const [namespace, name] = namespaceAndName(key);
  const { resource } = kinds.endpointSlices;
  const service = getOf(store, kinds.services, namespace, name);
  const present = slicesOf(store, namespace, name);
  if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
    for (const slice of present) store.delete(resource, namespace, slice.metadata.name);
    return;
  }
  if (Object.keys(service.spec.selector ?? {}).length === 0) return;
  const pods = listOf(store, kinds.pods, namespace).filter(({ metadata }) =>
    matchesLabels(service.spec.selector, metadata.labels),
  );
  const zoneOf = (node: string): string | undefined =>
    getOf(store, kinds.nodes, '', node)?.metadata.labels?.['topology.kubernetes.io/zone'];
  const { write, remove } = packSlices(portGroups(service, pods, zoneOf), present);
  for (const content of write) {
    const next = sliceOf(service, content);
    if (content.slice !== undefined && contentOf(content.slice) === contentOf(next)) continue;
    const annotations = { ...next.metadata.annotations, [triggerKey]: new Date(now).toISOString() };
    const stamped = { ...next, metadata: { ...next.metadata, annotations } };
    if (content.slice === undefined) store.create(resource, stamped, manager);
    else store.update(resource, stamped, manager);
  }
  for (const slice of remove) store.delete(resource, namespace, slice.metadata.name);
}

/** The Services that a change may concern: by selector before and after it, and by a slice's own label. */
export function servicesOf(store: ClusterStore, event: StoreEvent): string[] {
  const { namespace = '', labels } = event.object.metadata;
  if (event.resource.kind === 'Service') return [keyOf(event.object)];
  if (event.resource.kind === 'EndpointSlice') {
    return labels?.[managedByLabel] === managedBy ? [`${namespace}/${labels[serviceLabel] ?? ''}`] : [];
  }
  if (event.resource.kind === 'Node' && event.type === 'ADDED') return listOf(store, kinds.services).map(keyOf);
  if (event.resource.kind !== 'Pod') return [];
  const states = [labels, event.previous?.metadata.labels];
  return listOf(store, kinds.services, namespace)
    .filter((service) => states.some((state) => matchesLabels(service.spec.selector, state)))
    .map(keyOf);
}
