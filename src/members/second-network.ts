// Where pods have a second network, their endpoints hold the first one's address: the second stands in an annotation that
// multus writes before the pod's containers start, and that never changes after.
import type { EndpointSliceRecord } from './endpoint-slice.js';
import { networkLabel } from '../conventions/index.js';
import { canonicalAddress } from './address.js';

/** Annotation of the Network Plumbing Working Group's de-facto standard, as multus writes it. */
export const networkStatusAnnotation = 'k8s.v1.cni.cncf.io/network-status';

/**
 * A pod's address in each of its networks, by the network's label value. A pod without the annotation, or with one that
 * is not JSON, has none.
 *
 * @example
 * networkAddresses({ 'k8s.v1.cni.cncf.io/network-status': '[{"name":"trade/macvlan","ips":["10.1.2.3"]}]' }); // { 'trade.macvlan': '10.1.2.3' }
 */
export function networkAddresses(
  annotations: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const text = annotations?.[networkStatusAnnotation];
  if (text === undefined) return {};
  let networks: unknown;
  try {
    networks = JSON.parse(text);
  } catch {
    return {};
  }
  if (!Array.isArray(networks)) return {};
  return Object.fromEntries(networks.flatMap(addressOf));
}

function addressOf(network: unknown): [string, string][] {
  if (typeof network !== 'object' || network === null || !('name' in network) || !('ips' in network)) return [];
  const { name, ips } = network;
  const ip: unknown = Array.isArray(ips) ? ips[0] : undefined;
  if (typeof name !== 'string' || !name.includes('/') || typeof ip !== 'string') return [];
  return [[networkLabel(name, ''), canonicalAddress(ip)]];
}

/**
 * A slice with its pods' addresses in the slice's own network in the place of the first ones; as it is when it names no
 * network. An endpoint whose address is not known yet is left out: it has none to publish.
 */
export function inOwnNetwork(
  slice: EndpointSliceRecord,
  addresses: (podUid: string) => Readonly<Record<string, string>> | undefined,
): EndpointSliceRecord {
  const { network } = slice;
  if (network === undefined) return slice;
  const endpoints = slice.endpoints.flatMap((endpoint) => {
    const ip = addresses(endpoint.uid)?.[network];
    return ip === undefined ? [] : [{ ...endpoint, ip }];
  });
  return { ...slice, endpoints };
}
