import { isServing, type Server, serverKey } from '../../members/index.js';
import { isSameServer } from '../../members/server.js';
import { backoff } from './backoff.js';
import { decide, type Decision } from './decide.js';
import type { SyncEffect } from './effect.js';
import type { TimerName } from './event.js';
import { generationOf } from './generation.js';
import { joinHolds, settleHolds } from './holds.js';
import { instanceOf } from './instance.js';
import { shardGet, shardSet } from './shards.js';
import {
  emptyPlaced,
  emptyUpstream,
  type PlacedUpstream,
  type SyncState,
  type TrafficOrder,
  type UpstreamState,
} from './state.js';
import type { Stepped } from './stepped.js';
import { forgetEmpty, sightOf, withAbsences } from './upstream-members.js';

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
  const instance = instanceOf(state, gateway);
  const put = (value: UpstreamState): SyncState => ({ ...state, upstreams: shardSet(state.upstreams, name, value) });
  const { traffic, config } = state;
  const decision = decide({ upstream, placed, sight: sightOf(state), traffic, config, now });
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
  const force = forceOfDrain(traffic, placed) ?? forceFor(upstream, placed, decision);
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
    return other !== undefined && isSameServer(other, server);
  });
}

/** To drain all that serves is what the gateway's guard refuses. */
function forceOfDrain(
  traffic: TrafficOrder | null,
  { servers }: PlacedUpstream,
): { reason: string; actor: string } | null {
  if (traffic?.percent !== 0 || !servers.some(isServing)) return null;
  return { reason: traffic.reason, actor: traffic.actor };
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

/** When to try again after a failure. */
export function retryTime(state: SyncState, attempt: number, retryAfterMs: number, salt: string, now: number): number {
  return now + Math.max(retryAfterMs, backoff(state.config, attempt, salt));
}
