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
