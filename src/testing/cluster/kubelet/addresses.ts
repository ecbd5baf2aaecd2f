/** The first three parts of a cluster's /24 of 127.0.0.0/8, for example `127.18.201`. */
export type Subnet = string;

const firstPod = 2;
const lastPod = 254;

/** A random /24 of loopback, outside 127.0.0.0/16 where other programs listen. */
export function randomSubnet(random: () => number = Math.random): Subnet {
  const part = (): number => 1 + Math.floor(random() * 254);
  return `127.${part()}.${part()}`;
}

/** Address of the API server and of every node. */
export const hostAddress = (subnet: Subnet): string => `${subnet}.1`;

/** Pod addresses of one cluster; one that was given back is the last to be taken again. */
export interface AddressPool {
  /** Undefined when all are taken. */
  take(): string | undefined;
  giveBack(address: string): void;
}

export function createAddressPool(subnet: Subnet): AddressPool {
  const free = Array.from({ length: lastPod - firstPod + 1 }, (_, index) => `${subnet}.${firstPod + index}`);
  return {
    take: () => free.shift(),
    giveBack: (address) => void free.push(address),
  };
}
