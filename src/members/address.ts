import ipaddr from 'ipaddr.js';

/** RFC 5952 text; IPv4 is written in one way only. */
export function canonicalAddress(address: string): string {
  return address.includes(':') ? ipaddr.parse(address).toString() : address;
}
