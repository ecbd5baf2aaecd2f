import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, isServing, type Server, serverAddress, serverKey } from '../../src/members/index.js';

const server = (more: Partial<Server> = {}): Server => ({
  ip: '10.1.2.3',
  port: 8030,
  weight: 100,
  state: 'up',
  uid: 'u-1',
  zone: 'z1',
  labels: { color: 'stable' },
  ...more,
});
/** sha256 over lines that the test has written out as the contract has them. */
const sha256 = (...lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');

describe('a server', () => {
  it('is addressed by ip:port, IPv6 in brackets', () => {
    expect(serverAddress(server())).toBe('10.1.2.3:8030');
    expect(serverAddress(server({ ip: '2001:db8::1' }))).toBe('[2001:db8::1]:8030');
  });

  it('is identified by its address and its pod', () => {
    expect(serverKey(server())).toBe('10.1.2.3:8030|u-1');
    expect(serverKey(server({ uid: 'u-2' }))).not.toBe(serverKey(server()));
  });

  const states: readonly [Partial<Server>, boolean][] = [
    [{}, true],
    [{ weight: 1 }, true],
    [{ weight: 0 }, false],
    [{ state: 'drain' }, false],
    [{ state: 'down' }, false],
  ];
  it.each(states)('with %j serves: %s', (more, serves) => {
    expect(isServing(server(more))).toBe(serves);
  });
});

describe('digestOf', () => {
  const vectors: readonly [string, readonly Server[], readonly string[]][] = [
    ['one server', [server()], ['10.1.2.3:8030|u-1|100|up|z1|color=stable']],
    [
      'IPv6 in brackets, a drained server, no zone',
      [server({ ip: '2001:db8::1', state: 'drain', weight: 0, uid: 'u-2', zone: '', labels: {} })],
      ['[2001:db8::1]:8030|u-2|0|drain||'],
    ],
    [
      'labels in the order of their keys',
      [server({ labels: { sc: 'fix-1', color: 'gray', a: '' } })],
      ['10.1.2.3:8030|u-1|100|up|z1|a=,color=gray,sc=fix-1'],
    ],
    [
      'lines in the order of their text: brackets last, 10 before 9',
      [server({ ip: 'fd00::1' }), server({ ip: '9.0.0.1' }), server({ port: 18030 }), server()],
      [
        '10.1.2.3:18030|u-1|100|up|z1|color=stable',
        '10.1.2.3:8030|u-1|100|up|z1|color=stable',
        '9.0.0.1:8030|u-1|100|up|z1|color=stable',
        '[fd00::1]:8030|u-1|100|up|z1|color=stable',
      ],
    ],
  ];
  it.each(vectors)('is the sha256 of the lines of %s', (_, servers, lines) => {
    expect(digestOf(servers)).toBe(sha256(...lines));
  });

  it('is what sha256sum says', () => {
    expect(digestOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(digestOf([server()])).toBe('80b2f8e282be46365970031081ec8e2fc3fb15cf22e7a76d4cd4e6c9fa8c583d');
    const ipv6 = server({
      ip: '2001:db8::1',
      uid: 'u-2',
      weight: 0,
      state: 'drain',
      zone: '',
      labels: { sc: 'fix-1', color: 'gray' },
    });
    expect(digestOf([ipv6, server()])).toBe('0a83a923c20b338e9763e2d7964ce2516f7b2594edf737b6822317aee0daf2f7');
  });

  const changes: readonly [keyof Server, Partial<Server>][] = [
    ['ip', { ip: '10.1.2.4' }],
    ['port', { port: 8031 }],
    ['uid', { uid: 'u-2' }],
    ['weight', { weight: 99 }],
    ['state', { state: 'down' }],
    ['zone', { zone: 'z2' }],
    ['labels', { labels: { color: 'gray' } }],
  ];
  it.each(changes)('changes with %s', (_, more) => {
    expect(digestOf([server(more)])).not.toBe(digestOf([server()]));
  });

  it('is the same in any order of the servers and of their labels', () => {
    const servers = fc.array(
      fc.record({
        ip: fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1'),
        port: fc.constantFrom(8030, 8031),
        weight: fc.integer({ min: 0, max: 1000 }),
        state: fc.constantFrom<Server['state']>('up', 'drain', 'down'),
        uid: fc.constantFrom('u-1', 'u-2'),
        zone: fc.constantFrom('', 'z1'),
        labels: fc.dictionary(fc.constantFrom('color', 'sc', 'a-b', 'a'), fc.constantFrom('x', 'y')),
      }),
      { maxLength: 5 },
    );
    const relabelled = ({ labels, ...rest }: Server): Server => ({
      ...rest,
      labels: Object.fromEntries(Object.entries(labels).reverse()),
    });
    fc.assert(
      fc.property(servers, (list) => {
        expect(digestOf(list.toReversed().map(relabelled))).toBe(digestOf(list));
      }),
    );
  });
});
