// What an instance says that it has of our source.
import type { Server } from '../../members/index.js';
import { awaitConfirm, confirmPlaced, newDrains } from './confirm.js';
import type { SyncEffect } from './effect.js';
import type { SyncEvent } from './event.js';
import { instanceOf, setInstance } from './instance.js';
import { reconcile, retryTime, withPlaced } from './reconcile.js';
import { shardGet, shardKeys, shardSet } from './shards.js';
import { emptyPlaced, emptyUpstream, type PlacedUpstream, type SyncState } from './state.js';
import type { Stepped } from './stepped.js';

/** What the instance has of our source: everything else follows from the difference to what the cluster has. */
export function sourcesRead(state: SyncState, event: Extract<SyncEvent, { type: 'sources' }>, now: number): Stepped {
  const { gateway, sources, look } = event;
  const instance = instanceOf(state, gateway);
  if (instance.look !== look) return { state, effects: [] };
  const isFirst = instance.stage === 'reading';
  const read = new Map(sources.map((source) => [source.upstream, source]));
  let current = setInstance(state, gateway, { stage: 'claimed', look: null, attempt: 0 });
  const effects: SyncEffect[] = [{ type: 'timer', name: `drift ${gateway}`, at: now + state.config.timings.driftMs }];
  for (const name of new Set([...shardKeys(state.upstreams), ...read.keys()])) {
    const upstream = shardGet(current.upstreams, name) ?? emptyUpstream;
    const former = upstream.placed[gateway] ?? emptyPlaced;
    const isOlder = former.inFlight !== null || look <= former.staleLooks;
    const { servers = [], revision = 0 } = read.get(name) ?? {};
    // After a claim nothing of what was believed counts: what can't be taken from this look needs one of its own.
    const placed = isOlder
      ? { ...former, uncertain: former.uncertain || isFirst }
      : takeServers(former, servers, revision, instance.applied, now);
    current = { ...current, upstreams: shardSet(current.upstreams, name, withPlaced(upstream, gateway, placed)) };
    const step = reconcile(current, name, now);
    current = step.state;
    effects.push(...step.effects);
  }
  const asked = awaitConfirm(current, gateway, [...read.keys()]);
  return { state: asked.state, effects: [...effects, ...asked.effects] };
}

export function upstreamRead(state: SyncState, event: Extract<SyncEvent, { type: 'read' }>, now: number): Stepped {
  const { gateway, upstream: name, servers, revision } = event;
  const upstream = shardGet(state.upstreams, name);
  const placed = upstream?.placed[gateway];
  if (upstream === undefined || placed?.look !== event.look) return { state, effects: [] };
  const { applied } = instanceOf(state, gateway);
  const next = { ...takeServers(placed, servers, revision, applied, now), look: null };
  const put = { ...state, upstreams: shardSet(state.upstreams, name, withPlaced(upstream, gateway, next)) };
  const asked = awaitConfirm(put, gateway, [name]);
  const step = reconcile(asked.state, name, now);
  return { state: step.state, effects: [...asked.effects, ...step.effects] };
}

export function readFailed(state: SyncState, event: Extract<SyncEvent, { type: 'read-failed' }>, now: number): Stepped {
  const { gateway, upstream: name, failure } = event;
  const upstream = shardGet(state.upstreams, name);
  const placed = upstream?.placed[gateway];
  if (upstream === undefined || placed?.look !== event.look) return { state, effects: [] };
  const retryAt = retryTime(state, placed.attempt, failure.retryAfterMs, `${gateway} ${name}`, now);
  const next = { ...placed, look: null, attempt: placed.attempt + 1, retryAt };
  return reconcile(
    { ...state, upstreams: shardSet(state.upstreams, name, withPlaced(upstream, gateway, next)) },
    name,
    now,
  );
}

/** The gateway's own word replaces what we believed. What was not known of it waits for confirmation as if just written. */
function takeServers(
  placed: PlacedUpstream,
  servers: readonly Server[],
  revision: number,
  applied: number,
  now: number,
): PlacedUpstream {
  const drained = newDrains(placed, servers);
  const isKnown = revision <= applied || placed.unconfirmed.some((change) => change.revision === revision);
  const found = isKnown && drained.length === 0 ? [] : [{ revision, since: -1, drained }];
  const taken = { ...placed, servers, uncertain: false, unconfirmed: [...placed.unconfirmed, ...found] };
  return confirmPlaced(taken, applied, now).placed;
}
