import { describe, expect, it } from 'vitest';
import { createHaproxyGateway, digestOf, type Server } from '../../src/index.js';
import { HaproxyProcess, isHaproxyMissing } from '../gateways/haproxy/haproxy-process.js';
import { MemoryGateway, MemoryStore } from './examples/gateway.js';
import { writeOnce } from './examples/haproxy.js';
import { blocksOf, readPage, sectionOf, tableOf } from './page.js';

const page = readPage('gateways.md');

describe('docs/gateways.md', () => {
  it('has an example of a gateway that holds the suite', async () => {
    const { results } = await import('./examples/gateway-suite.js');
    const skipped = [...results].filter(([, result]) => result !== 'passed').map(([name]) => name);
    expect(results.size).toBeGreaterThan(25);
    const leftOut = /^(traffic|restarts): |only|configuration does not have|worker that lags/;
    expect(skipped.filter((name) => !leftOut.test(name))).toEqual([]);
  });

  it('lists every method and every limit', () => {
    const methods = tableOf(page, 'What each method holds').map(([method = '']) => method.split('(')[0]);
    const gateway = new MemoryGateway(new MemoryStore());
    const own = Object.getOwnPropertyNames(Object.getPrototypeOf(gateway)).filter((name) => name !== 'constructor');
    expect(methods.sort()).toEqual(own.sort());
    const { limits } = createHaproxyGateway({ name: 'ha', idc: 'bc', socket: '/s', map: '/m' });
    expect(tableOf(page, "What a gateway can't hold").map(([limit]) => limit)).toEqual(limits);
  });

  it.skipIf(isHaproxyMissing())('has a configuration of HAProxy that can be written to as it stands', async () => {
    const [shown = ''] = blocksOf(sectionOf(page, 'Its configuration'), 'haproxy');
    const haproxy = await HaproxyProcess.startWith(({ socket, map, url }) =>
      shown
        .replace('/run/haproxy/admin.sock', socket)
        .replace('/etc/haproxy/youzan.map', map)
        .replace('bind :80', `bind 127.0.0.1:${new URL(url).port}`),
    );
    try {
      const server: Server = {
        ip: '10.1.2.3',
        port: 8030,
        weight: 100,
        state: 'up',
        uid: 'u-1',
        zone: '',
        labels: { color: 'stable' },
      };
      expect(await writeOnce(haproxy.socket, haproxy.map, server)).toBe(digestOf([server]));
      expect(await haproxy.ask('show servers state trade-core.http')).toContain('k8s.bc.bc-a_10.1.2.3:8030_');
    } finally {
      await haproxy.stop();
    }
  });
});
