// What became of a write.
import { digestOf } from '../../members/index.js';
import { begin, fenced, isFencing, otherStore } from './claim.js';
import { awaitConfirm, confirmPlaced, newDrains, propagated } from './confirm.js';
import type { SyncEffect } from './effect.js';
import type { SyncEvent } from './event.js';
import { instanceOf } from './instance.js';
import { reconcile, retryTime, withPlaced } from './reconcile.js';
import { shardGet, shardSet } from './shards.js';
import type { PlacedUpstream, SyncState } from './state.js';
import type { Stepped } from './stepped.js';

export function written(state: SyncState, event: Extract<SyncEvent, { type: 'written' }>, now: number): Stepped {
  const { gateway, upstream: name, generation, revision, storeId } = event;
  const upstream = shardGet(state.upstreams, name);
  const placed = upstream?.placed[gateway];
  const inFlight = placed?.inFlight;
  if (upstream === undefined || placed === undefined || inFlight?.generation !== generation)
    return { state, effects: [] };
  const { looks, applied } = instanceOf(state, gateway);
  const drained = newDrains(placed, inFlight.servers);
  const change = { revision, since: inFlight.changedAt ?? -1, drained };
  const { placed: next, done } = confirmPlaced(
    {
      ...placed,
      servers: inFlight.servers,
      inFlight: null,
      uncertain: placed.uncertain || event.digest !== digestOf(inFlight.servers),
      unsettled: false,
      staleLooks: looks,
      attempt: 0,
      retryAt: 0,
      refused: null,
      lastError: null,
      unconfirmed: [...placed.unconfirmed, change],
    },
    applied,
    now,
  );
  const put = { ...state, upstreams: shardSet(state.upstreams, name, withPlaced(upstream, gateway, next)) };
  const asked = otherStore(put, gateway, storeId) ?? awaitConfirm(put, gateway, [name]);
  const step = reconcile(asked.state, name, now);
  return {
    state: step.state,
    effects: [
      { type: 'count-write', gateway, upstream: name, result: event.changed ? 'changed' : 'unchanged' },
      ...propagated(gateway, name, done, now),
      ...asked.effects,
      ...step.effects,
    ],
  };
}

export function writeFailed(
  state: SyncState,
  event: Extract<SyncEvent, { type: 'write-failed' }>,
  now: number,
): Stepped {
  const { gateway, upstream: name, generation, failure } = event;
  const upstream = shardGet(state.upstreams, name);
  const placed = upstream?.placed[gateway];
  if (upstream === undefined || placed?.inFlight?.generation !== generation) return { state, effects: [] };
  const counted: SyncEffect = { type: 'count-write', gateway, upstream: name, result: failure.code };
  const guard = failure.code === 'EMPTY_GUARD' ? 'empty' : failure.code === 'SHRINK_GUARD' ? 'shrink' : null;
  const next: PlacedUpstream = {
    ...placed,
    inFlight: null,
    // The change is not out yet: its time counts on.
    changedAt: placed.inFlight.changedAt ?? placed.changedAt,
    attempt: placed.attempt + 1,
    retryAt: retryTime(state, placed.attempt, failure.retryAfterMs, `${gateway} ${name}`, now),
    unsettled: placed.unsettled || failure.uncertain,
    // A guard that refuses while a late write may have arrived can say that it has: then what we believed is not there.
    uncertain:
      placed.uncertain ||
      failure.uncertain ||
      failure.code === 'GENERATION_CONFLICT' ||
      (guard !== null && placed.unsettled),
    refused: guard === null ? placed.refused : { guard, at: now },
    lastError: `${failure.code}: ${failure.message}`,
  };
  const put = { ...state, upstreams: shardSet(state.upstreams, name, withPlaced(upstream, gateway, next)) };
  const at =
    failure.code === 'UNCLAIMED' && state.config.rules.claim
      ? begin(put, gateway)
      : isFencing(failure)
        ? fenced(put, gateway, failure)
        : undefined;
  const step = reconcile(at?.state ?? put, name, now);
  return { state: step.state, effects: [counted, ...(at?.effects ?? []), ...step.effects] };
}
