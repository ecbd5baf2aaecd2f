// Endpoints of a Service, packed into slices: an endpoint stays in the slice where it is.
import type { Endpoint, EndpointPort } from 'kubernetes-types/discovery/v1.js';
import { isFinished, isReady, isTerminating } from './pod-state.js';
import type { EndpointSliceObject, PodObject, ServiceObject } from './objects.js';

export const endpointsPerSlice = 100;

/** Endpoints that share a port list: one set of slices. */
export interface PortGroup {
  readonly ports: EndpointPort[];
  readonly endpoints: Endpoint[];
}

function portNumber(pod: PodObject, target: string | number | undefined, port: number): number | undefined {
  if (target === undefined || target === 0) return port;
  if (typeof target === 'number') return target;
  return pod.spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === target)?.containerPort;
}

/** A Service's ports as one pod has them; a named target port that the pod lacks is left out. */
function portsFor(service: ServiceObject, pod: PodObject): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap(({ name, port, protocol, targetPort, appProtocol }) => {
    const number = portNumber(pod, targetPort, port);
    if (number === undefined) return [];
    return [
      {
        name: name ?? '',
        port: number,
        protocol: protocol ?? 'TCP',
        ...(appProtocol !== undefined && { appProtocol }),
      },
    ];
  });
}

/** A pod as an endpoint. `ready` is never true for a terminating pod, unless the Service publishes pods that are not ready. */
export function endpointOf(service: ServiceObject, pod: PodObject, zone: string | undefined): Endpoint {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(pod.spec.hostname !== undefined && { hostname: pod.spec.hostname }),
    ...(pod.spec.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone !== undefined && { zone }),
  };
}

/** All pods of a Service that have an address and have not finished, by their port list. */
export function portGroups(
  service: ServiceObject,
  pods: readonly PodObject[],
  zoneOf: (node: string) => string | undefined,
): PortGroup[] {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    if (isFinished(pod) || (pod.status?.podIP ?? '') === '') continue;
    const ports = portsFor(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod, zoneOf(pod.spec.nodeName ?? '')));
  }
  return [...groups.values()];
}

/** What a slice should hold; `slice` is the one to write it to, absent for a new one. */
export interface SliceContent {
  readonly slice: EndpointSliceObject | undefined;
  readonly ports: EndpointPort[] | null;
  readonly endpoints: Endpoint[] | null;
}

const uidOf = (endpoint: Endpoint): string => endpoint.targetRef?.uid ?? '';

function packGroup(group: PortGroup, slices: readonly EndpointSliceObject[]): SliceContent[] {
  const wanted = new Map(group.endpoints.map((endpoint) => [uidOf(endpoint), endpoint]));
  const contents: SliceContent[] = [];
  for (const slice of slices) {
    const kept = (slice.endpoints ?? []).flatMap((former) => {
      const endpoint = wanted.get(uidOf(former));
      wanted.delete(uidOf(former));
      return endpoint ?? [];
    });
    contents.push({ slice, ports: group.ports, endpoints: kept });
  }
  const added = [...wanted.values()];
  for (const content of contents) {
    const room = endpointsPerSlice - (content.endpoints?.length ?? 0);
    if (room > 0) content.endpoints?.push(...added.splice(0, room));
  }
  while (added.length > 0) {
    contents.push({ slice: undefined, ports: group.ports, endpoints: added.splice(0, endpointsPerSlice) });
  }
  return contents.filter(({ endpoints }) => (endpoints?.length ?? 0) > 0);
}

/**
 * Pure: which slices a Service needs, and which of the present ones it does not. A slice that would go is written
 * anew instead of making another one; a Service without any endpoint keeps one empty slice.
 */
export function packSlices(
  groups: readonly PortGroup[],
  present: readonly EndpointSliceObject[],
): { readonly write: readonly SliceContent[]; readonly remove: readonly EndpointSliceObject[] } {
  const packed = groups.flatMap((group) => {
    const ports = JSON.stringify(group.ports);
    return packGroup(
      group,
      present.filter((slice) => slice.endpoints !== null && JSON.stringify(slice.ports) === ports),
    );
  });
  const contents = packed.length > 0 ? packed : [{ slice: undefined, ports: null, endpoints: null }];
  const used = new Set(contents.map(({ slice }) => slice));
  const spare = present.filter((slice) => !used.has(slice));
  const write = contents.map((content) =>
    content.slice === undefined ? { ...content, slice: spare.shift() } : content,
  );
  return { write, remove: spare };
}
