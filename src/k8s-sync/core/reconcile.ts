import { membersOfSlices, type Server, serverKey, upstreamOf } from '../../members/index.js';
import { decide, type Decision } from './decide.js';
import type { Sight } from './evidence.js';
import type { SyncEffect } from './effect.js';
import type { TimerName } from './event.js';
import { generationOf } from './generation.js';
import { shardGet, shardSet } from './shards.js';
import { podsAt } from './slices.js';
import {
  emptyPlaced,
  emptyUpstream,
  type Hold,
  idleInstance,
  type PlacedUpstream,
  type SyncState,
  type UpstreamState,
} from './state.js';
import { backoff } from './backoff.js';

export interface Stepped {
  readonly state: SyncState;
  readonly effects: readonly SyncEffect[];
}

/** What the health of the cluster allows. */
export function sightOf(state: SyncState): Sight {
  const { phase, frozenByOperator } = state.health;
  return {
    phase,
    mayRemove: phase === 'live' && !frozenByOperator,
    podsAt: (address) => podsAt(state, address),
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
  return { ...state, upstreams: shardSet(state.upstreams, name, { ...former, members, absent, placed, overridden }) };
}

/** Brings one upstream on its way at every instance that is ready for it. */
export function reconcile(state: SyncState, name: string, now: number): Stepped {
  let current = state;
  const effects: SyncEffect[] = [];
  const upstream = shardGet(state.upstreams, name);
  if (upstream === undefined) return { state, effects };
  let holds: UpstreamState['holds'] = {};
  // Who does not lead only takes down what it sees.
  for (const gateway of state.epoch === null ? [] : state.config.gateways) {
    const step = reconcileAt(current, name, gateway, now);
    current = step.state;
    effects.push(...step.effects);
    holds = joinHolds(holds, step.holds);
  }
  const held = settleHolds(current, name, holds);
  effects.push(...held.effects);
  return { state: forgetEmpty(held.state, name), effects: withOneTimer(effects, `upstream ${name}`) };
}

/** A group's hold is about what any gateway has. */
function joinHolds(some: UpstreamState['holds'], more: UpstreamState['holds']): UpstreamState['holds'] {
  const joined = Object.entries(more).map(([group, hold]): [string, Hold] => {
    const servers = [...new Set([...(some[group]?.servers ?? []), ...hold.servers])].sort();
    return [group, { ...hold, servers }];
  });
  return { ...some, ...Object.fromEntries(joined) };
}

/** The earliest of an upstream's timers is enough: when it fires, all is looked at again. */
function withOneTimer(effects: readonly SyncEffect[], name: TimerName): SyncEffect[] {
  const timers = effects.filter((effect) => effect.type === 'timer' && effect.name === name);
  const others = effects.filter((effect) => !timers.includes(effect));
  const times = timers.flatMap((effect) => (effect.type === 'timer' ? [effect.at] : []));
  return times.length === 0 ? others : [...others, { type: 'timer', name, at: Math.min(...times) }];
}

function reconcileAt(
  state: SyncState,
  name: string,
  gateway: string,
  now: number,
): Stepped & { readonly holds: UpstreamState['holds'] } {
  const upstream = withAbsences(state, shardGet(state.upstreams, name) ?? emptyUpstream, gateway, now);
  const placed = upstream.placed[gateway] ?? emptyPlaced;
  const instance = state.instances[gateway] ?? idleInstance;
  const put = (value: UpstreamState): SyncState => ({ ...state, upstreams: shardSet(state.upstreams, name, value) });
  const decision = decide({ upstream, placed, sight: sightOf(state), config: state.config, now });
  const { holds } = decision;
  const wait: SyncEffect[] =
    decision.wakeAt === null ? [] : [{ type: 'timer', name: `upstream ${name}`, at: decision.wakeAt }];
  if (state.epoch === null || instance.stage !== 'claimed' || placed.inFlight !== null || placed.look !== null)
    return { state: put(upstream), effects: wait, holds };
  if (placed.retryAt > now) {
    return {
      state: put(upstream),
      effects: [
        ...wait,
        { type: 'timer', name: `upstream ${name}`, at: Math.min(placed.retryAt, decision.wakeAt ?? placed.retryAt) },
      ],
      holds,
    };
  }
  if (placed.uncertain) {
    const look = instance.looks + 1;
    const next = put(withPlaced(upstream, gateway, { ...placed, look }));
    return {
      state: { ...next, instances: { ...state.instances, [gateway]: { ...instance, looks: look } } },
      effects: [{ type: 'read', gateway, upstream: name, look }],
      holds,
    };
  }
  if (!placed.unsettled && isSame(decision.servers, placed.servers)) {
    const clean: PlacedUpstream = { ...placed, changedAt: null };
    return { state: put(withPlaced(upstream, gateway, clean)), effects: wait, holds };
  }
  const force = forceFor(upstream, placed, decision);
  const sequence = instance.sequence + 1;
  const generation = generationOf(state.epoch, sequence);
  const written: PlacedUpstream = {
    ...placed,
    inFlight: { generation, servers: decision.servers, changedAt: placed.changedAt, forced: force !== null },
    staleLooks: instance.looks,
    changedAt: null,
  };
  const { windowMs } = state.config.guards;
  const recent = Object.entries(upstream.losses).filter(([, { at }]) => now - at < windowMs);
  const lost = Object.entries(decision.losses).map(([key, group]) => [key, { group, at: now }] as const);
  const next: UpstreamState = {
    ...withPlaced(upstream, gateway, written),
    losses: Object.fromEntries([...recent, ...lost]),
  };
  return {
    state: { ...put(next), instances: { ...state.instances, [gateway]: { ...instance, sequence } } },
    effects: [...wait, { type: 'write', gateway, upstream: name, generation, servers: decision.servers, force }],
    holds,
  };
}

/** Whether two lists hold the same servers, in whatever order: a digest would say it too, and cost more. */
function isSame(wanted: readonly Server[], present: readonly Server[]): boolean {
  if (wanted.length !== present.length) return false;
  const known = new Map(present.map((server) => [serverKey(server), server]));
  return wanted.every((server) => {
    const other = known.get(serverKey(server));
    if (other === server) return true;
    const labels = Object.entries(server.labels);
    return (
      other !== undefined &&
      other.state === server.state &&
      other.weight === server.weight &&
      other.zone === server.zone &&
      Object.keys(other.labels).length === labels.length &&
      labels.every(([name, value]) => other.labels[name] === value)
    );
  });
}

/** The word that lifts the gateway's guard, when there is proof or an operator's word for all that goes. */
function forceFor(
  upstream: UpstreamState,
  placed: PlacedUpstream,
  { removals, proven }: Decision,
): { reason: string; actor: string } | null {
  if (removals.length === 0 || !proven) return null;
  const [word] = removals.flatMap(({ key }) => upstream.overridden[key] ?? []);
  if (word !== undefined) return word;
  if (placed.refused === null) return null;
  const reason = removals.map(({ key, reason: why }) => `${key} ${upstream.proofs[key] ?? why}`).join(', ');
  return { reason: `proof: ${reason}`.slice(0, 500), actor: 'k8s-sync' };
}

export function withPlaced(upstream: UpstreamState, gateway: string, placed: PlacedUpstream): UpstreamState {
  return { ...upstream, placed: { ...upstream.placed, [gateway]: placed } };
}

/** While the cluster is seen, each server that the gateway has and no member stands for gets the time since when. */
function withAbsences(state: SyncState, upstream: UpstreamState, gateway: string, now: number): UpstreamState {
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

/** New holds are counted and looked into; those that ended are forgotten. */
function settleHolds(state: SyncState, name: string, holds: UpstreamState['holds']): Stepped {
  const upstream = shardGet(state.upstreams, name) ?? emptyUpstream;
  const effects: SyncEffect[] = Object.entries(holds)
    .filter(([group, hold]) => upstream.holds[group]?.servers.join() !== hold.servers.join())
    .map(([group, { guard, servers }]) => ({ type: 'count-guard', upstream: name, group, guard, servers }));
  const asks = Object.keys(holds).length > 0 && !upstream.proofAsked && effects.length > 0;
  if (asks) effects.push(proofFor(upstream, name, holds));
  const next = {
    ...upstream,
    holds,
    // A Service may come back: its absence counts for the removal that it was looked up for.
    servicesGone: Object.keys(holds).length === 0 ? [] : upstream.servicesGone,
    proofAsked: upstream.proofAsked || asks,
    proofAttempt: Object.keys(holds).length === 0 ? 0 : upstream.proofAttempt,
  };
  return { state: { ...state, upstreams: shardSet(state.upstreams, name, next) }, effects };
}

/** Asks the cluster about every pod and Service that a hold is about. */
export function proofFor(upstream: UpstreamState, name: string, holds: UpstreamState['holds']): SyncEffect {
  const keys = Object.values(holds).flatMap(({ servers }) => servers);
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

/** An upstream without members, servers and work under way is forgotten, and so are absences that no gateway knows. */
function forgetEmpty(state: SyncState, name: string): SyncState {
  const upstream = shardGet(state.upstreams, name);
  if (upstream === undefined) return state;
  const placed = Object.values(upstream.placed);
  const wanted = new Set(
    placed.flatMap(({ servers, inFlight }) => [...servers, ...(inFlight?.servers ?? [])].map(serverKey)),
  );
  const isBusy = placed.some(
    ({ inFlight, look, uncertain, unsettled, unconfirmed }) =>
      inFlight !== null || look !== null || uncertain || unsettled || unconfirmed.length > 0,
  );
  if (!isBusy && wanted.size === 0 && Object.keys(upstream.members).length === 0) {
    return { ...state, upstreams: shardSet(state.upstreams, name, undefined) };
  }
  if (isBusy || Object.keys(upstream.absent).every((key) => wanted.has(key))) return state;
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

/** When to try again after a failure. */
export function retryTime(state: SyncState, attempt: number, retryAfterMs: number, salt: string, now: number): number {
  return now + Math.max(retryAfterMs, backoff(state.config, attempt, salt));
}
