import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressPlan, defineAddressPlan } from '../../../constructs/index.js';
import { isWithin, overlap, rangeSize, subnetRange } from '../../../constructs/network/address-range.js';
import { isYouzanKubeError } from '../../../src/conventions/index.js';

const plan: AddressPlan = {
  idc: 'bc',
  subnet: '10.77.0.0/16',
  gateway: '10.77.0.1',
  reserved: [{ first: '10.77.0.0', last: '10.77.0.255' }],
  clusters: {
    'bc-a': { first: '10.77.16.0', last: '10.77.31.255' },
    'bc-b': { nodes: { 'bc-b-1': { first: '10.77.32.10', last: '10.77.32.250' } } },
  },
  pools: { 'pay-core': { first: '10.77.200.1', last: '10.77.200.16' } },
};

function refusalOf(wrong: AddressPlan): string {
  try {
    defineAddressPlan(wrong);
  } catch (error) {
    if (isYouzanKubeError(error) && error.code === 'ADDRESSES_INVALID') return error.message;
    throw error;
  }
  return '';
}

describe('defineAddressPlan', () => {
  it('takes a plan whose ranges are all their own', () => {
    expect(defineAddressPlan(plan)).toBe(plan);
  });

  it('takes IPv6, where every address of a subnet but the first is good', () => {
    const v6: AddressPlan = {
      idc: 'bc',
      subnet: 'fd00:77::/64',
      gateway: 'fd00:77::1',
      clusters: { 'bc-a': { first: 'fd00:77::1:0', last: 'fd00:77::1:ffff' } },
    };
    expect(defineAddressPlan(v6)).toBe(v6);
  });

  it.each<[string, Partial<AddressPlan>, string]>([
    ['a subnet that is none', { subnet: '10.77.0.0' }, 'subnet: "10.77.0.0" is no subnet'],
    ['a subnet with host bits', { subnet: '10.77.0.5/16' }, 'subnet: "10.77.0.5/16" is no subnet'],
    ['a gateway elsewhere', { gateway: '10.78.0.1' }, 'gateway: "10.78.0.1" is no address of 10.77.0.0/16'],
    ['a gateway of the other family', { gateway: 'fd00::1' }, 'gateway: "fd00::1" is no address of 10.77.0.0/16'],
    [
      'an address that is none',
      { pools: { p: { first: '10.77.300.1', last: '10.77.200.2' } } },
      'pools.p: "10.77.300.1" is no address',
    ],
    [
      'a range outside the subnet',
      { clusters: { 'bc-a': { first: '10.78.0.1', last: '10.78.0.9' } } },
      'clusters.bc-a: 10.78.0.1 to 10.78.0.9 is not inside 10.77.0.0/16',
    ],
    [
      'a range of the other family',
      { clusters: { 'bc-a': { first: 'fd00::1', last: 'fd00::9' } } },
      'clusters.bc-a: fd00::1 to fd00::9 is not inside 10.77.0.0/16',
    ],
    [
      'a range that ends before it begins',
      { clusters: { 'bc-a': { first: '10.77.2.9', last: '10.77.2.1' } } },
      'clusters.bc-a: 10.77.2.9 to 10.77.2.1 ends before it begins',
    ],
    [
      'the address that goes to all',
      { clusters: { 'bc-a': { first: '10.77.255.1', last: '10.77.255.255' } } },
      "holds 10.77.255.255, which is not a pod's to have",
    ],
    [
      'two clusters that share addresses',
      {
        clusters: {
          'bc-a': { first: '10.77.1.0', last: '10.77.2.10' },
          'bc-b': { nodes: { n: { first: '10.77.2.10', last: '10.77.3.0' } } },
        },
      },
      'clusters.bc-b.nodes.n: 10.77.2.10 to 10.77.3.0 shares addresses with clusters.bc-a, 10.77.1.0 to 10.77.2.10',
    ],
    [
      'a pool among what is reserved',
      { pools: { p: { first: '10.77.0.200', last: '10.77.1.9' } } },
      'pools.p: 10.77.0.200 to 10.77.1.9 shares addresses with reserved[0]',
    ],
    [
      'a range with the gateway in it',
      { reserved: [], clusters: { 'bc-a': { first: '10.77.0.1', last: '10.77.0.9' } } },
      'clusters.bc-a: 10.77.0.1 to 10.77.0.9 holds the gateway, 10.77.0.1',
    ],
    [
      'a cluster whose name is none',
      { clusters: { bc_a: { first: '10.77.1.1', last: '10.77.1.2' } } },
      '"bc_a" is no DNS',
    ],
  ])('refuses %s', (_, change, message) => {
    expect(refusalOf({ ...plan, ...change })).toContain(message);
  });

  it('says everything at once', () => {
    const wrong = { ...plan, gateway: '10.78.0.1', pools: { p: { first: 'x', last: 'y' } } };
    expect(refusalOf(wrong)).toMatch(/2 findings/);
  });
});

const ipv4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const textOf = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');

describe('a range of addresses', () => {
  it('shares an address with another just when some address is in both', () => {
    fc.assert(
      fc.property(fc.tuple(ipv4, ipv4), fc.tuple(ipv4, ipv4), (one, other) => {
        const [a, b] = [one, other].map((ends) => [Math.min(...ends), Math.max(...ends)] as const);
        const shared = a![0] <= b![1] && b![0] <= a![1];
        const range = ([first, last]: readonly [number, number]) => ({ first: textOf(first), last: textOf(last) });
        expect(overlap(range(a!), range(b!))).toBe(shared);
      }),
    );
  });

  it('of a subnet has two to the power of its host bits', () => {
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 8, max: 32 }), (address, bits) => {
        const mask = bits === 32 ? 0xffffffff : ~(0xffffffff >>> bits);
        const range = subnetRange(`${textOf((address & mask) >>> 0)}/${bits}`);
        expect(rangeSize(range!)).toBe(2 ** (32 - bits));
        expect(isWithin(textOf(address), range!)).toBe(true);
      }),
    );
  });
});
