import { describe, expect, it } from 'vitest';
import type { EndpointSliceObject, PodObject } from '../../../../src/testing/cluster/controllers/objects.js';
import {
  endpointOf,
  packSlices,
  portGroups,
  type PortGroup,
} from '../../../../src/testing/cluster/controllers/slice-packing.js';
import { pod, service } from '../objects.js';

const http = { containers: [{ name: 'app', image: 'app', ports: [{ name: 'http', containerPort: 8030 }] }] };
const zoneOf = (): string => 'bc';
const groupsOf = (pods: readonly PodObject[]): PortGroup[] => portGroups(service(), pods, zoneOf);
const many = (count: number): PodObject[] =>
  Array.from({ length: count }, (_, index) =>
    pod(`p${index}`, { ip: `10.0.${index >> 8}.${index & 255}`, spec: http }),
  );

let written = 0;
/** The slices after a pack, as the store would have them. */
function store(packed: ReturnType<typeof packSlices>): EndpointSliceObject[] {
  return packed.write.map(({ slice, ports, endpoints }) => {
    written += 1;
    const metadata = slice?.metadata ?? { name: `slice-${written}`, namespace: 'default' };
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      metadata,
      ports,
      endpoints,
    };
  });
}
const sizes = (slices: readonly EndpointSliceObject[]): number[] =>
  slices.map(({ endpoints }) => endpoints?.length ?? 0);

describe('endpointOf', () => {
  const going = (one: PodObject): PodObject => ({
    ...one,
    metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  });
  it.each([
    ['ready', pod('a'), {}, { ready: true, serving: true, terminating: false }],
    ['not ready', pod('a', { ready: false }), {}, { ready: false, serving: false, terminating: false }],
    ['terminating and ready', going(pod('a')), {}, { ready: false, serving: true, terminating: true }],
    [
      'terminating and not ready',
      going(pod('a', { ready: false })),
      {},
      { ready: false, serving: false, terminating: true },
    ],
    [
      'published though not ready',
      pod('a', { ready: false }),
      { publishNotReadyAddresses: true },
      { ready: true, serving: false, terminating: false },
    ],
  ])('of a pod that is %s', (_, one, spec, conditions) => {
    expect(endpointOf(service(spec), one, 'bc').conditions).toEqual(conditions);
  });

  it('names the pod by UID, its node and its zone', () => {
    expect(endpointOf(service(), pod('a', { ip: '127.1.1.9' }), 'bc')).toMatchObject({
      addresses: ['127.1.1.9'],
      targetRef: { kind: 'Pod', namespace: 'default', name: 'a', uid: 'uid-a' },
      nodeName: 'node-1',
      zone: 'bc',
    });
  });
});

describe('portGroups', () => {
  it('resolves a named target port for each pod and keeps unlike pods apart', () => {
    const other = { containers: [{ name: 'app', image: 'app', ports: [{ name: 'http', containerPort: 9030 }] }] };
    const groups = groupsOf([pod('a', { spec: http }), pod('b', { spec: other, ip: '127.1.1.3' })]);
    expect(groups.map(({ ports }) => ports)).toEqual([
      [{ name: 'http', port: 8030, protocol: 'TCP' }],
      [{ name: 'http', port: 9030, protocol: 'TCP' }],
    ]);
  });

  it('leaves out pods that have finished or have no address', () => {
    const done = pod('done', { spec: http });
    expect(
      groupsOf([{ ...done, status: { ...done.status, phase: 'Failed' } }, pod('new', { ip: '', spec: http })]),
    ).toEqual([]);
  });
});

describe('packSlices', () => {
  it('puts a hundred endpoints into a slice', () => {
    expect(sizes(store(packSlices(groupsOf(many(250)), [])))).toEqual([100, 100, 50]);
  });

  it('leaves every endpoint in its slice and fills gaps with new ones', () => {
    const present = store(packSlices(groupsOf(many(250)), []));
    const without = many(251).filter((_, index) => index !== 3);
    const next = store(packSlices(groupsOf(without), present));
    expect(next.map(({ metadata }) => metadata.name)).toEqual(present.map(({ metadata }) => metadata.name));
    expect(sizes(next)).toEqual([100, 100, 50]);
    expect(next[0]?.endpoints?.at(-1)?.targetRef?.name).toBe('p250');
  });

  it('keeps one empty slice of a Service without pods, and fills that one later', () => {
    const empty = store(packSlices([], []));
    expect(empty).toMatchObject([{ endpoints: null, ports: null }]);
    expect(packSlices([], empty)).toMatchObject({ write: [{ slice: empty[0] }], remove: [] });
    const filled = packSlices(groupsOf(many(1)), empty);
    expect([filled.write.length, filled.write[0]?.slice, filled.remove]).toEqual([1, empty[0], []]);
  });

  it('removes slices that nothing needs', () => {
    const present = store(packSlices(groupsOf(many(150)), []));
    const { write, remove } = packSlices(groupsOf(many(50)), present);
    expect([write.length, remove]).toEqual([1, [present[1]]]);
  });
});
