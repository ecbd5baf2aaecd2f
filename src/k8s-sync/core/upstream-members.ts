// What the slices, and their silence, say of one upstream.
import { membersOfSlices, serverKey, upstreamOf } from '../../members/index.js';
import type { Sight } from './evidence.js';
import { shardGet, shardSet } from './shards.js';
import { podsAt } from './slices.js';
import { emptyPlaced, emptyUpstream, type SyncState, type UpstreamState } from './state.js';

/** What the health of the cluster allows. */
export function sightOf(state: SyncState): Sight {
  const { phase, frozenByOperator } = state.health;
  return {
    phase,
    mayRemove: phase === 'live' && !frozenByOperator,
    podsAt: (address) => podsAt(state, address),
    isLost: (node) => Object.hasOwn(state.nodes.lost, node),
    nodesAwaitedUntil:
      state.nodes.sight === 'awaited' ? state.nodes.awaitedSince + state.config.timings.nodesWaitMs : -Infinity,
  };
}

/** Takes the slices of one upstream to its members; notes what has vanished, and when. */
export function refreshMembers(state: SyncState, name: string, now: number): SyncState {
  const former = shardGet(state.upstreams, name) ?? emptyUpstream;
  const slices = (shardGet(state.slicesOf, name) ?? []).flatMap((key) => shardGet(state.slices, key) ?? []);
  const members = Object.fromEntries(
    membersOfSlices(slices)
      .filter((member) => upstreamOf(member) === name)
      .map((member) => [serverKey(member), member]),
  );
  const vanished = Object.entries(former.members).filter(([key]) => members[key] === undefined);
  const absent = {
    ...Object.fromEntries(Object.entries(former.absent).filter(([key]) => members[key] === undefined)),
    ...Object.fromEntries(vanished.map(([key, member]) => [key, { since: now, member }])),
  };
  const placed = Object.fromEntries(
    state.config.gateways.map((gateway) => {
      const entry = former.placed[gateway] ?? emptyPlaced;
      return [gateway, { ...entry, changedAt: entry.changedAt ?? now }];
    }),
  );
  const overridden = pick(former.overridden, (key) => members[key]?.ready !== true);
  const admitted = pick(former.admitted, (key) => members[key] !== undefined);
  const next = { ...former, members, absent, placed, admitted, overridden };
  return { ...state, upstreams: shardSet(state.upstreams, name, next) };
}

/** While the cluster is seen, each server that the gateway has and no member stands for gets the time since when. */
export function withAbsences(state: SyncState, upstream: UpstreamState, gateway: string, now: number): UpstreamState {
  if (!sightOf(state).mayRemove) return upstream;
  const unknown = (upstream.placed[gateway]?.servers ?? [])
    .map(serverKey)
    .filter((key) => upstream.members[key] === undefined && upstream.absent[key] === undefined);
  if (unknown.length === 0) return upstream;
  return {
    ...upstream,
    absent: { ...upstream.absent, ...Object.fromEntries(unknown.map((key) => [key, { since: now, member: null }])) },
  };
}

/** An upstream without members, servers and work under way is forgotten, and so is what is known of servers that no gateway has. */
export function forgetEmpty(state: SyncState, name: string): SyncState {
  const upstream = shardGet(state.upstreams, name);
  if (upstream === undefined) return state;
  const hasMembers = Object.keys(upstream.members).length > 0;
  const hasAbsences = Object.keys(upstream.absent).length > 0;
  if (hasMembers && !hasAbsences) return state;
  const placed = Object.values(upstream.placed);
  // A look may find servers that are not known here, and an answer that comes late would not be known as outdated.
  const isLooking =
    placed.some(({ look, uncertain, unsettled }) => look !== null || uncertain || unsettled) ||
    Object.values(state.instances).some(({ look }) => look !== null);
  if (isLooking) return state;
  const wanted = new Set(
    placed.flatMap(({ servers, inFlight }) => [...servers, ...(inFlight?.servers ?? [])].map(serverKey)),
  );
  const isBusy =
    upstream.proofAsked || placed.some(({ inFlight, unconfirmed }) => inFlight !== null || unconfirmed.length > 0);
  if (!isBusy && wanted.size === 0 && !hasMembers)
    return { ...state, upstreams: shardSet(state.upstreams, name, undefined) };
  if (Object.keys(upstream.absent).every((key) => wanted.has(key))) return state;
  const left: UpstreamState = {
    ...upstream,
    absent: pick(upstream.absent, (key) => wanted.has(key)),
    proofs: pick(upstream.proofs, (key) => wanted.has(key) || upstream.members[key] !== undefined),
    overridden: pick(upstream.overridden, (key) => wanted.has(key)),
  };
  return { ...state, upstreams: shardSet(state.upstreams, name, left) };
}

function pick<T>(record: Readonly<Record<string, T>>, isWanted: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => isWanted(key)));
}
