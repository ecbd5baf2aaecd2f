import type { AddressConflict } from '../../gateways/index.js';

/** An address of this cluster's source that another source has, too, at one gateway. */
export interface SyncConflict extends AddressConflict {
  readonly gateway: string;
  readonly upstream: string;
}

/** `k8s.bc.bc-a up, k8s.bc.bc-b drain`: the one that requests meet comes first. */
export const tellSources = (sources: AddressConflict['sources']): string =>
  sources.map(({ source, state }) => `${source} ${state}`).join(', ');
