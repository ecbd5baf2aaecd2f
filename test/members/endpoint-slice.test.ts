import { describe, expect, it } from 'vitest';
import { defineConventions, youzanConventions } from '../../src/conventions/index.js';
import { decodeEndpointSlice } from '../../src/members/index.js';
import { decoded, endpoint, slice } from './slices.js';

const { labels: keys } = youzanConventions;

describe('decodeEndpointSlice', () => {
  it('keeps of a slice what identifies its members', () => {
    const labels = { [keys.color]: 'gray', [keys.sc]: 'fix-1' };
    expect(decoded(slice([endpoint(1)], { labels }))).toEqual({
      namespace: 'default',
      service: 'trade-core',
      app: 'trade-core',
      color: 'gray',
      sc: 'fix-1',
      ports: [{ role: 'http', port: 8030 }],
      endpoints: [
        {
          ip: '10.0.0.1',
          uid: 'uid-1',
          pod: 'trade-core-1',
          node: 'node-1',
          zone: 'bc',
          ready: true,
          serving: true,
          terminating: false,
        },
      ],
    });
  });

  it.each<[string, Record<string, number>, string | undefined]>([
    ['of the role', { http: 8030 }, undefined],
    ['that the app chose', { http: 8080 }, undefined],
    ['of another role that takes traffic', { http: 8100 }, undefined],
    ['of an agent', { http: 2280 }, '2280 is reserved for trace-agent'],
    ['that another port of the Service has', { http: 8080, manage: 8080 }, '8080 is the port of manage too'],
    ['of a role that takes no traffic', { http: 8001 }, '8001 is the port of manage'],
    ['of such a role that has another one here', { http: 8001, manage: 8002 }, undefined],
  ])('doubts a number %s: %j', (_, numbers, doubt) => {
    const ports = Object.entries(numbers).map(([name, port]) => ({ name, port }));
    const [http] = decoded(slice([endpoint(1)], { ports })).ports;
    expect(http?.doubt).toBe(doubt);
  });

  it('takes a slice without color or service chain for the stable base', () => {
    expect(decoded(slice([]))).toMatchObject({ color: 'stable', sc: '' });
  });

  const conditions: readonly [string, object | undefined, [boolean, boolean, boolean]][] = [
    ['absent', undefined, [true, true, false]],
    ['empty', {}, [true, true, false]],
    ['ready', { ready: true, serving: true, terminating: false }, [true, true, false]],
    ['not ready, serving unsaid', { ready: false }, [false, false, false]],
    ['ready, serving unsaid', { ready: true }, [true, true, false]],
    ['not ready but serving', { ready: false, serving: true }, [false, true, false]],
    ['ready but not serving', { ready: true, serving: false }, [true, false, false]],
    ['terminating and serving', { ready: false, serving: true, terminating: true }, [false, true, true]],
    ['terminating and no longer serving', { ready: false, serving: false, terminating: true }, [false, false, true]],
    ['terminating, all else unsaid', { terminating: true }, [false, true, true]],
    [
      'terminating yet ready (publishNotReadyAddresses)',
      { ready: true, serving: true, terminating: true },
      [false, true, true],
    ],
  ];
  it.each(conditions)('reads conditions that are %s', (_, given, [ready, serving, terminating]) => {
    const { endpoints } = decoded(slice([endpoint(1, { conditions: given })]));
    expect(endpoints).toMatchObject([{ ready, serving, terminating }]);
  });

  const leftOut: readonly [string, object][] = [
    ['has no app label', slice([endpoint(1)], { metadata: { name: 'kubernetes', namespace: 'default', labels: {} } })],
    ['has no labels at all', slice([endpoint(1)], { metadata: { name: 'kubernetes', namespace: 'default' } })],
    ['is isolated', slice([endpoint(1)], { labels: { [keys.isolated]: 'true' } })],
    ['is a debug release', slice([endpoint(1)], { labels: { [keys.debug]: 'true' } })],
    ['has host names for addresses', slice([endpoint(1)], { addressType: 'FQDN' })],
    ['has no ports', slice([endpoint(1)], { ports: [] })],
    ['has null for its ports', slice([endpoint(1)], { ports: null })],
    ['has only ports that are not published', slice([endpoint(1)], { ports: [{ name: 'manage', port: 8001 }] })],
    ['has a port without a name', slice([endpoint(1)], { ports: [{ port: 8030 }] })],
    ['has a role without a number', slice([endpoint(1)], { ports: [{ name: 'http' }] })],
  ];
  it.each(leftOut)('leaves a slice out that %s', (_, object) => {
    expect(decodeEndpointSlice(object, youzanConventions)).toBeUndefined();
  });

  it('publishes every published role with the number of this slice', () => {
    const ports = [
      { name: 'manage', port: 8001 },
      { name: 'rpc', port: 8100 },
      { name: 'http', port: 18030 },
    ];
    expect(decoded(slice([], { ports })).ports).toEqual([
      { role: 'rpc', port: 8100 },
      { role: 'http', port: 18030 },
    ]);
  });

  const endpointsLeftOut: readonly [string, Readonly<Record<string, unknown>>][] = [
    ['no pod behind it', { targetRef: undefined }],
    ['a targetRef without a UID', { targetRef: { kind: 'Pod', name: 'trade-core-1' } }],
    ['no address', { addresses: [] }],
  ];
  it.each(endpointsLeftOut)('leaves an endpoint with %s out, and keeps the others', (_, more) => {
    const { endpoints } = decoded(slice([endpoint(1, more), endpoint(2)]));
    expect(endpoints.map(({ uid }) => uid)).toEqual(['uid-2']);
  });

  it('keeps a slice without endpoints: it says that the Service is there', () => {
    expect(decoded(slice([])).endpoints).toEqual([]);
    expect(decoded(slice(null)).endpoints).toEqual([]);
  });

  it('has an empty text for a node, zone or pod name that is unsaid', () => {
    const bare = { addresses: ['10.0.0.1'], targetRef: { uid: 'uid-1' } };
    expect(decoded(slice([bare])).endpoints).toMatchObject([{ pod: '', node: '', zone: '' }]);
  });

  const addresses: readonly [string, string][] = [
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fd00:0:0:0:0:0:0:0', 'fd00::'],
    ['::1', '::1'],
  ];
  it.each(addresses)('writes %s as RFC 5952 has it: %s', (given, canonical) => {
    expect(decoded(slice([endpoint(1, { addresses: [given] })])).endpoints[0]!.ip).toBe(canonical);
  });

  it('throws at an address that is none, so that a reflector reports the object', () => {
    expect(() => decoded(slice([endpoint(1, { addresses: ['fd00::g'] })]))).toThrow();
  });

  it("knows a company's own labels and published roles", () => {
    const ours = defineConventions({ labelPrefix: 'example.com', publishedRoles: ['manage'] });
    const object = slice([endpoint(1)], {
      labels: { 'example.com/app': 'shop', 'example.com/color': 'blue' },
      ports: [
        { name: 'http', port: 8030 },
        { name: 'manage', port: 8001 },
      ],
    });
    expect(decodeEndpointSlice(object, ours)).toMatchObject({
      app: 'shop',
      color: 'blue',
      ports: [{ role: 'manage', port: 8001 }],
    });
  });
});
