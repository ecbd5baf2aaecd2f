import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { youzanConventions } from '../../src/conventions/index.js';
import {
  digestOf,
  type EndpointSliceRecord,
  type Member,
  membersOfSlices,
  serverKey,
  serverOf,
} from '../../src/members/index.js';
import { decoded, endpoint, slice } from './slices.js';

const { labels: keys } = youzanConventions;
const ready = { ready: true, serving: true, terminating: false };
const notReady = { ready: false, serving: false, terminating: false };
const terminating = { ready: false, serving: true, terminating: true };
const gone = { ready: false, serving: false, terminating: true };

const addresses = (members: readonly Member[]): string[] =>
  members.map(({ role, ip, port }) => `${role} ${ip}:${port}`).sort();
const byKey = (members: readonly Member[]): Record<string, Member> =>
  Object.fromEntries(members.map((member) => [`${member.app}.${member.role}|${serverKey(member)}`, member]));

describe('membersOfSlices', () => {
  it('has no members for no slices, and for slices without endpoints', () => {
    expect(membersOfSlices([])).toEqual([]);
    expect(membersOfSlices([decoded(slice([]))])).toEqual([]);
  });

  it('makes one member of each endpoint and published port', () => {
    const ports = [
      { name: 'http', port: 8030 },
      { name: 'rpc', port: 8100 },
    ];
    const members = membersOfSlices([decoded(slice([endpoint(1), endpoint(2)], { ports }))]);
    expect(addresses(members)).toEqual([
      'http 10.0.0.1:8030',
      'http 10.0.0.2:8030',
      'rpc 10.0.0.1:8100',
      'rpc 10.0.0.2:8100',
    ]);
    expect(members[0]).toEqual({
      namespace: 'default',
      service: 'trade-core',
      app: 'trade-core',
      role: 'http',
      color: 'stable',
      sc: '',
      ip: '10.0.0.1',
      port: 8030,
      uid: 'uid-1',
      pod: 'trade-core-1',
      node: 'node-1',
      zone: 'bc',
      ready: true,
      serving: true,
      terminating: false,
    });
  });

  it('takes the ports of each slice for the endpoints of that slice', () => {
    const named = [decoded(slice([endpoint(1)], { ports: [{ name: 'http', port: 8030 }] }))];
    const other = decoded(slice([endpoint(2)], { ports: [{ name: 'http', port: 18030 }] }));
    expect(addresses(membersOfSlices([...named, other]))).toEqual(['http 10.0.0.1:8030', 'http 10.0.0.2:18030']);
  });

  it('keeps both of two ports of one IP', () => {
    const former = decoded(slice([endpoint(1)], { ports: [{ name: 'http', port: 8030 }] }));
    const next = decoded(slice([endpoint(1)], { ports: [{ name: 'http', port: 18030 }] }));
    expect(addresses(membersOfSlices([former, next]))).toEqual(['http 10.0.0.1:18030', 'http 10.0.0.1:8030']);
  });

  it('keeps two pods apart that have one address: the IP of a failed pod is used again', () => {
    const again = endpoint(2, { addresses: ['10.0.0.1'] });
    const members = membersOfSlices([decoded(slice([endpoint(1, { conditions: notReady }), again]))]);
    expect(members.map(({ uid, ready: isReady }) => `${uid} ${String(isReady)}`)).toEqual([
      'uid-1 false',
      'uid-2 true',
    ]);
  });

  const duplicates: readonly [string, object, object, Partial<Member>][] = [
    ['a ready one over one that is not', notReady, ready, { ready: true }],
    ['a ready one over one that is terminating', terminating, ready, { ready: true, terminating: false }],
    ['a serving one over one that is not', notReady, terminating, { serving: true, terminating: true }],
    ['one that stays over one that goes', gone, notReady, { terminating: false }],
  ];
  it.each(duplicates)('of an endpoint that stands in two slices takes %s', (_, one, other, expected) => {
    const slices = [one, other].map((conditions) => decoded(slice([endpoint(1, { conditions })])));
    expect(membersOfSlices(slices)).toMatchObject([expected]);
    expect(membersOfSlices(slices.toReversed())).toMatchObject([expected]);
  });

  it('of two slices that differ in nothing but the zone takes the one that knows it', () => {
    const slices = ['', 'bc'].map((zone) => decoded(slice([endpoint(1, { zone })])));
    expect(membersOfSlices(slices)).toMatchObject([{ zone: 'bc' }]);
    expect(membersOfSlices(slices.toReversed())).toMatchObject([{ zone: 'bc' }]);
  });

  const endpoints = fc.record({
    n: fc.integer({ min: 1, max: 4 }),
    uid: fc.constantFrom('uid-1', 'uid-2'),
    conditions: fc.record(
      { ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() },
      { requiredKeys: [] },
    ),
    zone: fc.constantFrom('', 'bc', 'bd'),
    node: fc.constantFrom('', 'node-1', 'node-2'),
  });
  const slices: fc.Arbitrary<EndpointSliceRecord> = fc
    .record({
      endpoints: fc.array(endpoints, { maxLength: 4 }),
      port: fc.constantFrom(8030, 18030),
      color: fc.constantFrom('stable', 'gray'),
      sc: fc.constantFrom('', 'fix-1'),
      service: fc.constantFrom('trade-core', 'trade-core-gray'),
    })
    .map(({ endpoints: list, port, color, sc, service }) =>
      decoded(
        slice(
          list.map(({ n, uid, conditions, zone, node }) =>
            endpoint(n, { conditions, zone, nodeName: node, targetRef: { name: `pod-${uid}`, uid } }),
          ),
          {
            ports: [{ name: 'http', port }],
            labels: { [keys.color]: color, [keys.sc]: sc, 'kubernetes.io/service-name': service },
          },
        ),
      ),
    );
  const twoOrders = fc
    .array(slices, { maxLength: 6 })
    .chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    );

  it('gives the same members and the same digest in any order of the slices', () => {
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        const [first, second] = [membersOfSlices(one), membersOfSlices(other)];
        expect(byKey(second)).toEqual(byKey(first));
        const digest = (members: readonly Member[]): string =>
          digestOf(members.map((member) => serverOf(member, 'up')));
        expect(digest(second)).toBe(digest(first));
      }),
    );
  });

  it('gives the same members when every slice is there twice', () => {
    fc.assert(
      fc.property(fc.array(slices, { maxLength: 4 }), (list) => {
        expect(membersOfSlices([...list, ...list])).toEqual(membersOfSlices(list));
      }),
    );
  });

  it('has no two members of one upstream with the same address and pod', () => {
    fc.assert(
      fc.property(fc.array(slices, { maxLength: 6 }), (list) => {
        const members = membersOfSlices(list);
        expect(Object.keys(byKey(members))).toHaveLength(members.length);
      }),
    );
  });
});
