import { describe, expect, it } from 'vitest';
import { whyNotFree } from './lab/slot.js';
import { parseRoutes } from './network/routes.js';

/** As /proc/net/route has it: interface, destination, gateway, flags, counts, metric, mask. */
const route = (name: string, destination: string, mask: string): string =>
  `${name}\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0  `;
const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   ';
const free = (number: number, links: readonly string[], ...routes: readonly string[]): string | undefined =>
  whyNotFree({ number, prefix: `ykl${number}` }, links, parseRoutes([header, ...routes, ''].join('\n')));

const byDefault = route('eth0', '00000000', '00000000');
const ofItsOwn = route('eth0', '0002A8C0', '00FFFFFF'); // 192.168.2.0/24

describe('a place for a lab', () => {
  it.each([
    ['nothing is there', 0, [] as readonly string[], []],
    ['only a default route and networks elsewhere', 0, ['lo', 'eth0'], [byDefault, ofItsOwn]],
    ["another place's lab", 1, ['ykl0'], [route('ykl0', '00004D0A', '0000FFFF')]], // 10.77.0.0/16
  ])('is free: %s', (_, number, links, routes) => {
    expect(free(number, links, ...routes)).toBeUndefined();
  });

  it.each([
    ['its whole range', '00004D0A', '0000FFFF'], // 10.77.0.0/16
    ['a part of it', '00054D0A', '00FFFFFF'], // 10.77.5.0/24
    ['one address', '07004D0A', 'FFFFFFFF'], // 10.77.0.7/32
    ['a range around it', '0000000A', '000000FF'], // 10.0.0.0/8
  ])('is not free where %s is routed', (_, destination, mask) => {
    expect(free(0, [], byDefault, route('tun0', destination, mask))).toBe('10.77.0.0/16 is routed over tun0');
  });

  it('is not free where its link is, and says how to be rid of it', () => {
    expect(free(3, ['lo', 'ykl3'])).toContain('ip link delete ykl3');
  });
});
