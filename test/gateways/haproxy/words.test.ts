import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readInfo,
  readMap,
  readMapValue,
  readRevision,
  readServers,
  readStreamServers,
} from '../../../src/gateways/haproxy/answers.js';
import { socketAddress } from '../../../src/gateways/haproxy/session.js';
import {
  decodeClaim,
  decodeEntry,
  decodeIdentity,
  encodeClaim,
  encodeEntry,
  encodeIdentity,
  serverName,
} from '../../../src/gateways/haproxy/words.js';

const word = /^[A-Za-z0-9._%|=,-]*$/;

describe('what is written into HAProxy', () => {
  it('comes back as it was, whatever it is, in signs that the socket leaves alone', () => {
    const labels = fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), {
      noNullPrototype: true,
    });
    const identity = fc.record({ uid: fc.string({ unit: 'grapheme' }), zone: fc.string(), labels });
    fc.assert(
      fc.property(identity, fc.string({ unit: 'grapheme' }), (each, writer) => {
        expect(encodeIdentity(each)).toMatch(word);
        expect(decodeIdentity(encodeIdentity(each))).toEqual(each);
        const claim = { generation: '18446744073709551615', writer };
        expect(encodeClaim(claim)).toMatch(word);
        expect(decodeClaim(encodeClaim(claim))).toEqual(claim);
      }),
    );
    const entry = { generation: '30064771073', revision: 4_294_967_295, digest: 'a'.repeat(64) };
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });

  it('is not read when somebody else has written it', () => {
    for (const text of ['', 'x', '1', '1|x|y', '-1|2|3']) {
      expect(decodeEntry(text)).toBeUndefined();
      expect(decodeIdentity(text.replaceAll('|', ' '))).toBeUndefined();
    }
    expect(decodeClaim('seven|me')).toBeUndefined();
  });

  it('names a server by source, address and pod', () => {
    const name = (ip: string, uid: string): string => serverName('k8s.bc.bc-a', { ip, port: 8030, uid });
    expect(name('10.1.2.3', 'u-1')).toMatch(/^k8s\.bc\.bc-a_10\.1\.2\.3:8030_[0-9a-f]{12}$/);
    expect(name('2001:db8::1', 'u-1')).toMatch(/^k8s\.bc\.bc-a_2001:db8::1:8030_[0-9a-f]{12}$/);
    expect(name('10.1.2.3', 'u-1')).not.toBe(name('10.1.2.3', 'u-2'));
  });

  it.each([
    ['/run/haproxy/admin.sock', { path: '/run/haproxy/admin.sock' }],
    ['10.0.0.5:9999', { host: '10.0.0.5', port: 9999 }],
    ['[::1]:9999', { host: '::1', port: 9999 }],
    ['admin.sock', undefined],
    ['::1:9999', undefined],
    ['host:0', undefined],
    ['host:65536', undefined],
    ['', undefined],
  ])('has its socket at %s', (text, address) => expect(socketAddress(text)).toEqual(address));
});

describe('what HAProxy answers', () => {
  const head = '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port';
  it.each([
    [0, 'up'],
    [4, 'up'],
    [8, 'drain'],
    [16, 'drain'],
    [1, 'down'],
    [5, 'down'],
    [9, 'down'],
    [32, 'down'],
  ])('has an administrative state %i that means %s', (admin, state) => {
    expect(readServers(`${head}\n3 b.http 1 s 10.0.0.1 2 ${admin} 70 80`)).toEqual([
      { backend: 'b.http', name: 's', ip: '10.0.0.1', port: 80, weight: 70, state },
    ]);
  });

  it('is no list of servers without its columns', () => {
    expect(readServers('')).toBeUndefined();
    expect(readServers('1\n# be_id be_name srv_id\n3 b 1')).toBeUndefined();
    expect(readServers(head)).toEqual([]);
  });

  it('tells a process by its number and its start', () => {
    const info = 'Name: HAProxy\nPid: 12\nnode: edge-1\nStopping: 0\nStart_time_sec: 1795629519';
    expect(readInfo(info)).toEqual({ pid: 12, storeId: 'haproxy-edge-1-12-1795629519', isStopping: false });
    expect(readInfo(info.replace('Stopping: 0', 'Stopping: 1'))?.isStopping).toBe(true);
    expect(readInfo(info.replace('Pid: 12', ''))).toBeUndefined();
    expect(readInfo('HTTP/1.1 400 Bad Request')).toBeUndefined();
  });

  it('names the servers of streams, connected or not', () => {
    const streams =
      '0x55: proto=tcpv4 src=127.0.0.1:5 fe=public be=a.http srv=k8s.bc.a_10.0.0.1:80_0f ts=00 epoch=0 age=1s\n' +
      '0x56: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0';
    expect([...readStreamServers(streams)]).toEqual(['a.http/k8s.bc.a_10.0.0.1:80_0f', '<NONE>/<none>']);
  });

  it('gives values, keys and versions of maps', () => {
    expect(readMapValue('type=str, found=yes, idx=tree, key="a", value="1|me", type="str"')).toBe('1|me');
    expect(readMapValue('type=str, case=sensitive, found=no')).toBeNull();
    expect(readMapValue('Unknown map identifier.')).toBeUndefined();
    expect(readMap('0x1 a 1\n0x2 b 2\n0x3 a 3')).toEqual(new Map([['a', '1'], ['b', '2']])); // prettier-ignore
    const maps =
      '# id (file) description\n0 (/x.map) pattern … next_ver=1\n1 (/y.map) pattern … next_ver=7 entry_cnt=2';
    expect(readRevision(maps, '/y.map')).toBe(7);
    expect(readRevision(maps, '/z.map')).toBeUndefined();
  });
});
