// EndpointSlices as the API sends them, with as little as each test needs.
import { youzanConventions } from '../../src/conventions/index.js';
import { decodeEndpointSlice, type EndpointSliceRecord } from '../../src/members/index.js';

const { labels: keys } = youzanConventions;

/** An endpoint of pod `n`; `conditions` as on the wire. */
export function endpoint(n: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    addresses: [`10.0.0.${n}`],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: 'Pod', namespace: 'default', name: `trade-core-${n}`, uid: `uid-${n}` },
    nodeName: 'node-1',
    zone: 'bc',
    ...more,
  };
}

/** A slice of the Service `trade-core`, whose labels the endpoint slice controller has copied. */
export function slice(
  endpoints: readonly unknown[] | null,
  more: { readonly labels?: Readonly<Record<string, string>>; readonly [field: string]: unknown } = {},
): Record<string, unknown> {
  const { labels, ...fields } = more;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'trade-core-abcde',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'trade-core', [keys.app]: 'trade-core', ...labels },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8030, protocol: 'TCP' }],
    endpoints,
    ...fields,
  };
}

export function decoded(object: unknown): EndpointSliceRecord {
  const record = decodeEndpointSlice(object, youzanConventions);
  if (record === undefined) throw new Error('the slice was left out');
  return record;
}
