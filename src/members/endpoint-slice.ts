import { canonicalAddress } from './address.js';
import { type Conventions, portRoles } from '../conventions/index.js';

/** One endpoint of a slice: a pod's address and what the cluster says of it. */
export interface EndpointRecord {
  readonly ip: string;
  readonly uid: string;
  readonly pod: string;
  readonly node: string;
  readonly zone: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** What is kept of an EndpointSlice: a small value, plain data. */
export interface EndpointSliceRecord {
  readonly namespace: string;
  readonly service: string;
  readonly app: string;
  readonly color: string;
  /** Service chain, empty for none. */
  readonly sc: string;
  /** Label value of the second network whose addresses are published. Default: the endpoints' own addresses. */
  readonly network?: string;
  /** Published roles only, with this slice's own numbers. */
  readonly ports: readonly PublishedPort[];
  readonly endpoints: readonly EndpointRecord[];
}

export interface PublishedPort {
  readonly role: string;
  readonly port: number;
  /** Why the conventions say that this is not the role's port; absent when nothing speaks against it. */
  readonly doubt?: string;
}

interface WireSlice {
  readonly metadata?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly addressType?: string;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  readonly endpoints?: readonly WireEndpoint[] | null;
}

interface WireEndpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly nodeName?: string;
  readonly zone?: string;
}

/**
 * Reads an EndpointSlice (`discovery.k8s.io/v1`). Undefined when it is not an app's: no app label, isolated, debug, no
 * published port, or host names instead of addresses. Absent conditions mean what the API says: ready is true, serving is
 * ready, terminating is false.
 */
export function decodeEndpointSlice(object: unknown, conventions: Conventions): EndpointSliceRecord | undefined {
  const slice = object as WireSlice;
  const labels = slice.metadata?.labels ?? {};
  const { labels: keys, publishedRoles } = conventions;
  const app = labels[keys.app];
  if (app === undefined || slice.addressType === 'FQDN') return undefined;
  if (labels[keys.isolated] !== undefined || labels[keys.debug] !== undefined) return undefined;
  const all = (slice.ports ?? []).flatMap(({ name = '', port }) => (port === undefined ? [] : [{ name, port }]));
  const ports = all
    .filter(({ name }) => publishedRoles.some((role) => role === name))
    .map(({ name, port }) => publishedPort(name, port, all, conventions));
  if (ports.length === 0) return undefined;
  return {
    namespace: slice.metadata?.namespace ?? '',
    service: labels['kubernetes.io/service-name'] ?? '',
    app,
    color: labels[keys.color] ?? 'stable',
    sc: labels[keys.sc] ?? '',
    ...(labels[keys.network] === undefined ? {} : { network: labels[keys.network] }),
    ports,
    endpoints: (slice.endpoints ?? []).flatMap(decodeEndpoint),
  };
}

/**
 * An app may choose its ports, and no slice tells which it chose. What a slice does tell: a number that is an agent's, or that
 * two of its ports have, or that belongs to a role that takes no traffic and has no other number here, is no port to publish.
 */
function publishedPort(
  role: string,
  port: number,
  all: readonly { readonly name: string; readonly port: number }[],
  { ports, reservedPorts, publishedRoles }: Conventions,
): PublishedPort {
  const agent = Object.entries(reservedPorts).find(([, number]) => number === port)?.[0];
  const twin = all.find((other) => other.name !== role && other.port === port)?.name;
  const silent = portRoles.find((one) => !publishedRoles.includes(one) && ports[one] === port && one !== role);
  const isMoved = all.some(({ name }) => name === silent);
  if (agent !== undefined) return { role, port, doubt: `${port} is reserved for ${agent}` };
  if (twin !== undefined) return { role, port, doubt: `${port} is the port of ${twin} too` };
  if (silent !== undefined && !isMoved) return { role, port, doubt: `${port} is the port of ${silent}` };
  return { role, port };
}

function decodeEndpoint({
  addresses = [],
  conditions = {},
  targetRef,
  nodeName,
  zone,
}: WireEndpoint): EndpointRecord[] {
  const address = addresses[0];
  // Without a pod behind it there is no identity to publish.
  if (address === undefined || targetRef?.uid === undefined) return [];
  const ready = conditions.ready ?? true;
  const terminating = conditions.terminating ?? false;
  return [
    {
      ip: canonicalAddress(address),
      uid: targetRef.uid,
      pod: targetRef.name ?? '',
      node: nodeName ?? '',
      zone: zone ?? '',
      ready: ready && !terminating,
      serving: conditions.serving ?? ready,
      terminating,
    },
  ];
}
