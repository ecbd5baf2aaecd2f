import { describe, expect, it } from 'vitest';
import { networkLabel, youzanConventions } from '../../src/conventions/index.js';
import { inOwnNetwork, membersOfSlices, networkAddresses, networkStatusAnnotation } from '../../src/members/index.js';
import { decoded, endpoint, slice } from './slices.js';

const { network } = youzanConventions.labels;
const second = { 'trade.macvlan': '10.77.0.9' };

describe('networkAddresses', () => {
  it.each<[string, string | undefined, Record<string, string>]>([
    ['no annotation', undefined, {}],
    ['text that is no JSON', '{', {}],
    ['no list', '{"name":"trade/macvlan"}', {}],
    [
      "multus' own form, the primary network beside the second",
      '[{"name":"default","interface":"eth0","ips":["10.244.0.4"],"default":true},{"name":"trade/macvlan","interface":"net1","ips":["10.77.0.9"],"mac":"0a"}]',
      second,
    ],
    ['a network without an address yet', '[{"name":"trade/macvlan","interface":"net1"}]', {}],
    ['IPv6, in the text of RFC 5952', '[{"name":"trade/macvlan","ips":["FD00:0::1"]}]', { 'trade.macvlan': 'fd00::1' }],
  ])('reads %s', (_, text, expected) => {
    expect(networkAddresses(text === undefined ? undefined : { [networkStatusAnnotation]: text })).toEqual(expected);
  });
});

describe('networkLabel', () => {
  it('is namespace.name, the namespace of the pod when none is given', () => {
    expect(networkLabel('macvlan', 'trade')).toBe('trade.macvlan');
    expect(networkLabel('net/macvlan', 'trade')).toBe('net.macvlan');
  });
});

describe('inOwnNetwork', () => {
  const inNetwork = decoded(slice([endpoint(1), endpoint(2)], { labels: { [network]: 'trade.macvlan' } }));

  it('gives the addresses of the network that the slice names', () => {
    const members = membersOfSlices([
      inOwnNetwork(inNetwork, (uid) => (uid === 'uid-1' ? second : { 'trade.macvlan': '10.77.0.10' })),
    ]);
    expect(members.map(({ ip, uid }) => [ip, uid])).toEqual([
      ['10.77.0.9', 'uid-1'],
      ['10.77.0.10', 'uid-2'],
    ]);
  });

  it('leaves out an endpoint whose address is not known yet, rather than publish another', () => {
    const members = membersOfSlices([
      inOwnNetwork(inNetwork, (uid) => (uid === 'uid-1' ? second : { 'other.net': '10.9.0.1' })),
    ]);
    expect(members.map(({ uid }) => uid)).toEqual(['uid-1']);
  });

  it('leaves a slice that names no network as it is', () => {
    const plain = decoded(slice([endpoint(1)]));
    expect(inOwnNetwork(plain, () => second)).toBe(plain);
  });
});
