import { type GuardName, shardGet, type SyncState } from '../core/index.js';
import { memberOf } from '../status.js';
import { addressOf } from '../tell.js';

/** A group of an upstream that a guard holds something of. */
export interface HeldGroup {
  readonly upstream: string;
  /** As `holds` of the upstream has it. */
  readonly group: string;
}

/** What a guard holds of one Service. */
export interface HeldService {
  readonly namespace: string;
  readonly service: string;
  readonly upstream: string;
  readonly guard: GuardName;
  /** `ip:port`, sorted. */
  readonly addresses: readonly string[];
}

/**
 * What is held of a group now, by the Services of the members. A server that no slice ever had belongs to no Service that is
 * known. Who does not lead holds nothing.
 */
export function heldServices(state: SyncState, { upstream: name, group }: HeldGroup): HeldService[] {
  const upstream = state.epoch === null ? undefined : shardGet(state.upstreams, name);
  const hold = upstream?.holds[group];
  if (upstream === undefined || hold === undefined) return [];
  const found = new Map<string, HeldService & { readonly addresses: string[] }>();
  for (const key of hold.servers) {
    const member = memberOf(upstream, key);
    if (member === null) continue;
    const { namespace, service } = member;
    const id = `${namespace}/${service}`;
    const held = found.get(id) ?? { namespace, service, upstream: name, guard: hold.guard, addresses: [] };
    held.addresses.push(addressOf(key));
    found.set(id, held);
  }
  return [...found.values()];
}
