import { findingsError, isDnsLabel, type Finding } from '../../src/conventions/index.js';
import { addressNumber, type AddressRange, isWithin, overlap, subnetRange } from './address-range.js';

/**
 * Who gets which addresses of one IDC's flat network. All its clusters, machines and gateways are on it, so that two that
 * may give the same address to a pod would break both pods: the whole table is checked at once.
 */
export interface AddressPlan {
  readonly idc: string;
  /** `10.77.0.0/16`. */
  readonly subnet: string;
  /** The subnet's router. Default: none; pods then reach only the subnet and what routes name. */
  readonly gateway?: string;
  /** Addresses that no pod gets: machines, gateways, switches. Default: none. */
  readonly reserved?: readonly AddressRange[];
  /**
   * By cluster: one range for the whole cluster, or one for each of its nodes. One for the cluster needs an IPAM that all
   * nodes share (whereabouts): the plugin host-local knows only what its own node has given away.
   */
  readonly clusters: Readonly<
    Record<string, AddressRange | { readonly nodes: Readonly<Record<string, AddressRange>> }>
  >;
  /** Fixed pools, by name: addresses for one app only, known to firewalls and partners. Default: none. */
  readonly pools?: Readonly<Record<string, AddressRange>>;
}

/**
 * Checks an address plan.
 *
 * @throws YouzanKubeError `ADDRESSES_INVALID` with every finding: texts that are no addresses, ranges outside the subnet,
 * ranges that share an address with each other, with the gateway or with what is reserved.
 *
 * @example
 * const plan = defineAddressPlan({
 *   idc: 'bc',
 *   subnet: '10.77.0.0/16',
 *   gateway: '10.77.0.1',
 *   reserved: [{ first: '10.77.0.1', last: '10.77.0.255' }],
 *   clusters: {
 *     'bc-a': { first: '10.77.16.0', last: '10.77.31.255' },
 *     'bc-b': { nodes: { 'bc-b-1': { first: '10.77.32.10', last: '10.77.32.250' } } },
 *   },
 *   pools: { 'pay-core': { first: '10.77.200.1', last: '10.77.200.16' } },
 * });
 */
export function defineAddressPlan(plan: AddressPlan): AddressPlan {
  const findings = planFindings(plan);
  if (findings.length > 0)
    throw findingsError('ADDRESSES_INVALID', `the address plan of ${plan.idc} is not valid`, findings);
  return plan;
}

interface NamedRange {
  readonly path: string;
  readonly range: AddressRange;
}

function planFindings(plan: AddressPlan): Finding[] {
  const { subnet, gateway } = plan;
  const whole = subnetRange(subnet);
  if (whole === undefined)
    return [
      { path: 'subnet', message: `"${subnet}" is no subnet; allowed is one such as 10.77.0.0/16, without host bits` },
    ];
  const findings = namesOf(plan)
    .filter(([, name]) => !isDnsLabel(name))
    .map(([path, name]) => ({ path, message: `"${name}" is no DNS label that starts with a letter` }));
  const ranges = rangesOf(plan);
  const wrong = ranges.map(({ path, range }) => ({
    path,
    message: rangeFault(range, subnet, whole) ?? podFault(path, range, subnet, whole),
  }));
  findings.push(...wrong.flatMap(({ path, message }) => (message === undefined ? [] : [{ path, message }])));
  const good = ranges.filter((_, index) => wrong[index]?.message === undefined);
  findings.push(
    ...overlaps(
      good.filter(({ path }) => !isReserved(path)),
      good,
    ),
  );
  if (gateway === undefined) return findings;
  if (!isWithin(gateway, whole)) findings.push({ path: 'gateway', message: `"${gateway}" is no address of ${subnet}` });
  for (const { path, range } of good) {
    if (!isReserved(path) && isWithin(gateway, range))
      findings.push({ path, message: `${textOf(range)} holds the gateway, ${gateway}` });
  }
  return findings;
}

function namesOf({ idc, clusters, pools = {} }: AddressPlan): (readonly [string, string])[] {
  return [
    ['idc', idc] as const,
    ...Object.keys(clusters).map((name) => [`clusters.${name}`, name] as const),
    ...Object.keys(pools).map((name) => [`pools.${name}`, name] as const),
  ];
}

function rangesOf({ reserved = [], clusters, pools = {} }: AddressPlan): NamedRange[] {
  return [
    ...reserved.map((range, index) => ({ path: `reserved[${index}]`, range })),
    ...Object.entries(clusters).flatMap(([name, part]) =>
      'nodes' in part
        ? Object.entries(part.nodes).map(([node, range]) => ({ path: `clusters.${name}.nodes.${node}`, range }))
        : [{ path: `clusters.${name}`, range: part }],
    ),
    ...Object.entries(pools).map(([name, range]) => ({ path: `pools.${name}`, range })),
  ];
}

const textOf = ({ first, last }: AddressRange): string => `${first} to ${last}`;

function rangeFault(range: AddressRange, subnet: string, whole: AddressRange): string | undefined {
  const bad = [range.first, range.last].find((address) => addressNumber(address) === undefined);
  if (bad !== undefined) return `"${bad}" is no address`;
  if (!isWithin(range.first, whole) || !isWithin(range.last, whole)) return `${textOf(range)} is not inside ${subnet}`;
  if (!isWithin(range.last, { first: range.first, last: whole.last })) return `${textOf(range)} ends before it begins`;
  return undefined;
}

/** In IPv4 the first address of a subnet is the network's own, and the last goes to all. */
function podFault(path: string, range: AddressRange, subnet: string, whole: AddressRange): string | undefined {
  if (isReserved(path)) return undefined;
  const ends = subnet.includes(':') ? [whole.first] : [whole.first, whole.last];
  const taken = ends.find((address) => isWithin(address, range));
  return taken === undefined ? undefined : `${textOf(range)} holds ${taken}, which is not a pod's to have`;
}

const isReserved = (path: string): boolean => path.startsWith('reserved');

/** Each of the ranges that shares addresses with one that stands before it among all, or with what is reserved. */
function overlaps(ranges: readonly NamedRange[], all: readonly NamedRange[]): Finding[] {
  return ranges.flatMap(({ path, range }) => {
    const before = all.slice(
      0,
      all.findIndex((other) => other.path === path),
    );
    return before
      .filter((other) => overlap(other.range, range))
      .map((other) => ({
        path,
        message: `${textOf(range)} shares addresses with ${other.path}, ${textOf(other.range)}`,
      }));
  });
}
