import ipaddr from 'ipaddr.js';

/** Addresses from the first to the last, both among them. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

/** An address as a number, to be compared within its family; undefined for a text that is no address. */
export function addressNumber(address: string): bigint | undefined {
  if (!ipaddr.isValid(address) || (!address.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(address)))
    return undefined;
  return ipaddr
    .parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

const isIpv6 = (address: string): boolean => address.includes(':');

/** How many addresses a valid range has. */
export function rangeSize({ first, last }: AddressRange): number {
  return Number((addressNumber(last) ?? 0n) - (addressNumber(first) ?? 0n) + 1n);
}

/** The first and the last address of a subnet such as `10.77.0.0/16`; undefined when it is none, or has host bits. */
export function subnetRange(subnet: string): AddressRange | undefined {
  if (!ipaddr.isValidCIDR(subnet)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(subnet);
  const bytes = address.toByteArray();
  const bound = (fill: 0 | 255): string => {
    const filled = bytes.map((byte, index) => {
      const kept = Math.min(8, Math.max(0, bits - index * 8));
      const mask = 255 >> kept;
      return fill === 0 ? byte & ~mask & 255 : byte | mask;
    });
    return ipaddr.fromByteArray(filled).toString();
  };
  const first = bound(0);
  return first === address.toString() ? { first, last: bound(255) } : undefined;
}

/** True when both are of one family and share an address. */
export function overlap(left: AddressRange, right: AddressRange): boolean {
  return isWithin(left.first, right) || isWithin(right.first, left);
}

/** True for an address of the range's family from its first to its last. */
export function isWithin(address: string, { first, last }: AddressRange): boolean {
  const [at, from, to] = [addressNumber(address), addressNumber(first), addressNumber(last)];
  if (at === undefined || from === undefined || to === undefined || isIpv6(address) !== isIpv6(first)) return false;
  return at >= from && at <= to;
}
