import type { SyncEffect } from './effect.js';
import { shardGet, shardSet } from './shards.js';
import { emptyUpstream, type Hold, type SyncState, type UpstreamState } from './state.js';
import type { Stepped } from './stepped.js';

/** What the guard `port` withholds of a group has a key of its own beside the group's removals. */
export const withheldOf = (group: string): string => `${group}${withheldMark}`;
/** The group that a key of `holds` is about. */
export const groupOfHold = (key: string): string =>
  key.endsWith(withheldMark) ? key.slice(0, -withheldMark.length) : key;
/** No color and no service chain has a blank. */
const withheldMark = ' port';

/** Of an add nothing can be proven: it waits for an operator, or for a port that fits. */
export const isWithheld = ({ guard }: Hold): boolean => guard === 'port';

/** A group's hold is about what any gateway has. */
export function joinHolds(some: UpstreamState['holds'], more: UpstreamState['holds']): UpstreamState['holds'] {
  const joined = Object.entries(more).map(([group, hold]): [string, Hold] => {
    const servers = [...new Set([...(some[group]?.servers ?? []), ...hold.servers])].sort();
    return [group, { ...hold, servers }];
  });
  return { ...some, ...Object.fromEntries(joined) };
}

/** New holds are counted and looked into; those that ended are forgotten. */
export function settleHolds(state: SyncState, name: string, holds: UpstreamState['holds']): Stepped {
  const upstream = shardGet(state.upstreams, name) ?? emptyUpstream;
  const effects: SyncEffect[] = Object.entries(holds)
    .filter(([group, hold]) => upstream.holds[group]?.servers.join() !== hold.servers.join())
    .map(([group, { guard, servers }]) => ({ type: 'count-guard', upstream: name, group, guard, servers }));
  const isRemoval = Object.values(holds).some((hold) => !isWithheld(hold));
  const asks = isRemoval && !upstream.proofAsked && effects.length > 0;
  if (asks) effects.push(proofFor(upstream, name, holds));
  const next = {
    ...upstream,
    holds,
    // A Service may come back: its absence counts for the removal that it was looked up for.
    servicesGone: !isRemoval ? [] : upstream.servicesGone,
    proofAsked: upstream.proofAsked || asks,
    proofAttempt: !isRemoval ? 0 : upstream.proofAttempt,
  };
  return { state: { ...state, upstreams: shardSet(state.upstreams, name, next) }, effects };
}

/** Asks the cluster about every pod and Service that a hold is about. */
export function proofFor(upstream: UpstreamState, name: string, holds: UpstreamState['holds']): SyncEffect {
  const keys = Object.values(holds)
    .filter((hold) => !isWithheld(hold))
    .flatMap(({ servers }) => servers);
  const known = (key: string) => upstream.members[key] ?? upstream.absent[key]?.member ?? null;
  const pods = Object.fromEntries(
    keys.map((key) => {
      const member = known(key);
      return [
        key,
        { namespace: member?.namespace ?? '', pod: member?.pod ?? '', uid: key.slice(key.indexOf('|') + 1) },
      ];
    }),
  );
  const services = [
    ...new Set(keys.map(known).flatMap((member) => (member === null ? [] : [`${member.namespace}/${member.service}`]))),
  ].sort();
  return { type: 'prove', upstream: name, pods, services };
}
