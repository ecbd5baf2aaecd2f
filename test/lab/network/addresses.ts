// Which address is whose. A lab has a /16 of its own, chosen by its slot: 10.77.0.0/16, 10.78.0.0/16, …

export interface Addresses {
  readonly range: string;
  readonly prefixLength: 16;
  /** The host, on the bridge. */
  readonly host: string;
  /** A cluster's control plane; clusters are counted from 1. */
  readonly controlPlane: (cluster: number) => string;
}

export function addressesOf(slot: number): Addresses {
  const start = `10.${77 + slot}`;
  return {
    range: `${start}.0.0/16`,
    prefixLength: 16,
    host: `${start}.0.1`,
    controlPlane: (cluster) => `${start}.1.${cluster}`,
  };
}

/** The services' addresses of a cluster, reached only from its own nodes. */
export const serviceRange = (cluster: number): string => `10.${96 + cluster}.0.0/16`;
export const firstServiceAddress = (cluster: number): string => `10.${96 + cluster}.0.1`;

/** A cluster's own pod addresses, where its pods are not on the layer 2 of all: known to its own nodes only. */
export const podRange = (cluster: number): string => `10.${112 + cluster}.0.0/16`;
export const nodePodRange = (cluster: number, node: number): string => `10.${112 + cluster}.${node}.0/24`;
