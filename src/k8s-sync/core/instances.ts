import { digestOf, type Server, serverKey } from '../../members/index.js';
import type { SyncEffect } from './effect.js';
import type { GatewayFailure, SyncEvent } from './event.js';
import { generationOf } from './generation.js';
import { reconcile, retryTime, type Stepped, withPlaced } from './reconcile.js';
import { shardGet, shardKeys, shardMap, shardSet } from './shards.js';
import {
  emptyPlaced,
  emptyUpstream,
  idleInstance,
  type InstanceState,
  type PlacedUpstream,
  type SyncState,
} from './state.js';

/** Failures after which nothing is known of the source at this instance any more. */
const needsClaim = new Set(['UNCLAIMED']);
const isFencing = new Set(['STALE_GENERATION', 'CLAIM_CONFLICT']);

function setInstance(state: SyncState, gateway: string, change: Partial<InstanceState>): SyncState {
  const former = state.instances[gateway] ?? idleInstance;
  return { ...state, instances: { ...state.instances, [gateway]: { ...former, ...change } } };
}

/** Begins anew at one instance: claim, then read, then write. */
export function begin(state: SyncState, gateway: string): Stepped {
  if (state.epoch === null) return { state, effects: [] };
  if (!state.config.rules.claim) return lookAt(setInstance(state, gateway, { stage: 'reading' }), gateway);
  return {
    state: setInstance(state, gateway, { stage: 'claiming' }),
    effects: [{ type: 'claim', gateway, generation: generationOf(state.epoch, 0) }],
  };
}

/** Asks for all that the instance has of our source; what was asked for before is not waited for any more. */
export function lookAt(state: SyncState, gateway: string): Stepped {
  const look = (state.instances[gateway] ?? idleInstance).looks + 1;
  return {
    state: setInstance(state, gateway, { looks: look, look }),
    effects: [{ type: 'read-sources', gateway, look }],
  };
}

/** Leading begins with a new epoch, or ends: then nothing is written until it begins again. */
export function lead(state: SyncState, epoch: number | null): Stepped {
  let current: SyncState = {
    ...state,
    epoch,
    upstreams: shardMap(state.upstreams, (upstream) => ({
      ...upstream,
      placed: mapValues(upstream.placed, forgetWork),
    })),
    instances: mapValues(state.instances, ({ storeId, looks }) => ({ ...idleInstance, storeId, looks })),
  };
  const effects: SyncEffect[] = [];
  for (const gateway of epoch === null ? [] : state.config.gateways) {
    const step = begin(current, gateway);
    current = step.state;
    effects.push(...step.effects);
  }
  return { state: current, effects };
}

/** What was under way belongs to the former epoch; its outcome is read back. */
const forgetWork = (placed: PlacedUpstream): PlacedUpstream => ({
  ...placed,
  inFlight: null,
  look: null,
  uncertain: false,
  unsettled: false,
  retryAt: 0,
  attempt: 0,
  unconfirmed: [],
  refused: null,
});

const mapValues = <T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

export function claimed(state: SyncState, event: Extract<SyncEvent, { type: 'claimed' }>): Stepped {
  const { gateway, generation, storeId } = event;
  if (!isClaiming(state, gateway, generation)) return { state, effects: [] };
  const known = state.instances[gateway]?.storeId ?? '';
  const current = known === '' || known === storeId ? state : forgetStore(state, gateway);
  return lookAt(setInstance(current, gateway, { stage: 'reading', storeId, attempt: 0 }), gateway);
}

/** Revisions of one store say nothing of another's: what waits for them would wait for ever. */
function forgetStore(state: SyncState, gateway: string): SyncState {
  const upstreams = shardMap(state.upstreams, (upstream) => {
    const placed = upstream.placed[gateway];
    if (placed === undefined) return upstream;
    return withPlaced(upstream, gateway, { ...placed, unconfirmed: [], drainedAt: {}, refused: null });
  });
  return setInstance({ ...state, upstreams }, gateway, { applied: 0, confirm: null, lagging: [], unconfirmed: [] });
}

export function claimFailed(
  state: SyncState,
  { gateway, generation, failure }: Extract<SyncEvent, { type: 'claim-failed' }>,
  now: number,
): Stepped {
  return isClaiming(state, gateway, generation) ? beginFailed(state, gateway, failure, now) : { state, effects: [] };
}

export function sourcesFailed(
  state: SyncState,
  { gateway, look, failure }: Extract<SyncEvent, { type: 'sources-failed' }>,
  now: number,
): Stepped {
  return state.instances[gateway]?.look === look ? beginFailed(state, gateway, failure, now) : { state, effects: [] };
}

/** The answer to the claim of an earlier epoch may come late. */
function isClaiming(state: SyncState, gateway: string, generation: string): boolean {
  const isPresent = state.epoch !== null && generation === generationOf(state.epoch, 0);
  return isPresent && state.instances[gateway]?.stage === 'claiming';
}

/** Claim or read failed: again later; a greater claim than ours needs a greater epoch. */
function beginFailed(state: SyncState, gateway: string, failure: GatewayFailure, now: number): Stepped {
  const instance = state.instances[gateway] ?? idleInstance;
  if (isFencing.has(failure.code)) return fenced(state, gateway, failure);
  const at = retryTime(state, instance.attempt, failure.retryAfterMs, `claim ${gateway}`, now);
  return {
    state: setInstance(state, gateway, { stage: 'idle', look: null, attempt: instance.attempt + 1 }),
    effects: [{ type: 'timer', name: `claim ${gateway}`, at }],
  };
}

function fenced(state: SyncState, gateway: string, failure: GatewayFailure): Stepped {
  return {
    state: setInstance(state, gateway, { stage: 'fenced' }),
    effects: [{ type: 'renew-epoch', above: Math.max(failure.presentEpoch, state.epoch ?? 0) }],
  };
}

/** What the instance has of our source: everything else follows from the difference to what the cluster has. */
export function sourcesRead(state: SyncState, event: Extract<SyncEvent, { type: 'sources' }>, now: number): Stepped {
  const { gateway, sources, look } = event;
  const instance = state.instances[gateway] ?? idleInstance;
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

/** The gateway's own word replaces what we believed. What was not known of it waits for confirmation as if just written. */
function takeServers(
  { unconfirmed, drainedAt, ...placed }: PlacedUpstream,
  servers: readonly Server[],
  revision: number,
  applied: number,
  now: number,
): PlacedUpstream {
  const known = new Set([...Object.keys(drainedAt), ...unconfirmed.flatMap(({ drained }) => drained)]);
  const drained = drainsOf(servers).filter((key) => !known.has(key));
  const isKnown = revision <= applied || unconfirmed.some((change) => change.revision === revision);
  const found = isKnown && drained.length === 0 ? [] : [{ revision, since: -1, drained }];
  const taken = { ...placed, servers, uncertain: false, drainedAt, unconfirmed: [...unconfirmed, ...found] };
  return confirmPlaced(taken, applied, now).placed;
}

const drainsOf = (servers: readonly Server[]): string[] =>
  servers.filter(({ state }) => state === 'drain').map(serverKey);

/** Every worker has this revision: the drains up to it have their grace from now on. */
function confirmPlaced(
  placed: PlacedUpstream,
  applied: number,
  now: number,
): { readonly placed: PlacedUpstream; readonly done: PlacedUpstream['unconfirmed'] } {
  const done = placed.unconfirmed.filter((change) => change.revision <= applied);
  const confirmed = new Set(done.flatMap(({ drained }) => drained));
  const times = drainsOf(placed.servers).flatMap((key) => {
    const at = placed.drainedAt[key] ?? (confirmed.has(key) ? now : undefined);
    return at === undefined ? [] : [[key, at] as const];
  });
  const drains = new Set(drainsOf(placed.servers));
  const unconfirmed = placed.unconfirmed
    .filter((change) => change.revision > applied)
    // What is up again meanwhile and drained later waits for that later drain.
    .map((change) => ({ ...change, drained: change.drained.filter((key) => drains.has(key)) }));
  return { placed: { ...placed, unconfirmed, drainedAt: Object.fromEntries(times) }, done };
}

/** Asks for the highest revision that these upstreams wait for. */
function awaitConfirm(state: SyncState, gateway: string, names: readonly string[]): Stepped {
  const waiting = names.map(
    (name) => [name, shardGet(state.upstreams, name)?.placed[gateway]?.unconfirmed ?? []] as const,
  );
  const revisions = waiting.flatMap(([, unconfirmed]) => unconfirmed.map(({ revision }) => revision));
  if (revisions.length === 0) return { state, effects: [] };
  const { unconfirmed } = state.instances[gateway] ?? idleInstance;
  const all = new Set([...unconfirmed, ...waiting.flatMap(([name, changes]) => (changes.length > 0 ? [name] : []))]);
  return askConfirm(setInstance(state, gateway, { unconfirmed: [...all] }), gateway, Math.max(...revisions));
}

export function upstreamRead(state: SyncState, event: Extract<SyncEvent, { type: 'read' }>, now: number): Stepped {
  const { gateway, upstream: name, servers, revision } = event;
  const upstream = shardGet(state.upstreams, name);
  const placed = upstream?.placed[gateway];
  if (upstream === undefined || placed?.look !== event.look) return { state, effects: [] };
  const { applied } = state.instances[gateway] ?? idleInstance;
  const next = { ...takeServers(placed, servers, revision, applied, now), look: null };
  const put = { ...state, upstreams: shardSet(state.upstreams, name, withPlaced(upstream, gateway, next)) };
  const asked = awaitConfirm(put, gateway, [name]);
  const step = reconcile(asked.state, name, now);
  return { state: step.state, effects: [...asked.effects, ...step.effects] };
}

export function written(state: SyncState, event: Extract<SyncEvent, { type: 'written' }>, now: number): Stepped {
  const { gateway, upstream: name, generation, revision, storeId } = event;
  const upstream = shardGet(state.upstreams, name);
  const placed = upstream?.placed[gateway];
  const inFlight = placed?.inFlight;
  if (upstream === undefined || placed === undefined || inFlight?.generation !== generation)
    return { state, effects: [] };
  const { looks, applied } = state.instances[gateway] ?? idleInstance;
  const known = new Set([...Object.keys(placed.drainedAt), ...placed.unconfirmed.flatMap((change) => change.drained)]);
  const drained = drainsOf(inFlight.servers).filter((key) => !known.has(key));
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
      { type: 'count-write', gateway, result: event.changed ? 'changed' : 'unchanged' },
      ...propagated(gateway, name, done, now),
      ...asked.effects,
      ...step.effects,
    ],
  };
}

function propagated(gateway: string, upstream: string, done: PlacedUpstream['unconfirmed'], now: number): SyncEffect[] {
  return done.flatMap(({ since }) => (since < 0 ? [] : [{ type: 'propagated', gateway, upstream, ms: now - since }]));
}

/** Another store answers: whatever we knew of this instance is void. */
function otherStore(state: SyncState, gateway: string, storeId: string): Stepped | undefined {
  const known = state.instances[gateway]?.storeId ?? '';
  if (storeId === '' || known === storeId) return undefined;
  return begin(setInstance(forgetStore(state, gateway), gateway, { storeId }), gateway);
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
  const counted: SyncEffect = { type: 'count-write', gateway, result: failure.code };
  const guard = failure.code === 'EMPTY_GUARD' ? 'empty' : failure.code === 'SHRINK_GUARD' ? 'shrink' : null;
  const next: PlacedUpstream = {
    ...placed,
    inFlight: null,
    // The change is not out yet: its time counts on.
    changedAt: placed.inFlight.changedAt ?? placed.changedAt,
    attempt: placed.attempt + 1,
    retryAt: retryTime(state, placed.attempt, failure.retryAfterMs, `${gateway} ${name}`, now),
    unsettled: placed.unsettled || failure.uncertain,
    uncertain: placed.uncertain || failure.uncertain || failure.code === 'GENERATION_CONFLICT',
    refused: guard === null ? placed.refused : { guard, at: now },
    lastError: `${failure.code}: ${failure.message}`,
  };
  const put = { ...state, upstreams: shardSet(state.upstreams, name, withPlaced(upstream, gateway, next)) };
  const at =
    needsClaim.has(failure.code) && state.config.rules.claim
      ? begin(put, gateway)
      : isFencing.has(failure.code)
        ? fenced(put, gateway, failure)
        : undefined;
  const step = reconcile(at?.state ?? put, name, now);
  return { state: step.state, effects: [counted, ...(at?.effects ?? []), ...step.effects] };
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

/** Asks once for the highest revision; a higher one that comes meanwhile is asked for afterwards. */
function askConfirm(state: SyncState, gateway: string, revision: number): Stepped {
  const instance = state.instances[gateway] ?? idleInstance;
  const { confirm } = instance;
  const highest = Math.max(revision, confirm?.revision ?? 0);
  if (confirm?.asking === true)
    return { state: setInstance(state, gateway, { confirm: { ...confirm, revision: highest } }), effects: [] };
  return {
    state: setInstance(state, gateway, {
      confirm: { revision: highest, asking: true, attempt: confirm?.attempt ?? 0 },
    }),
    effects: [{ type: 'confirm', gateway, revision: highest }],
  };
}

export function confirmed(state: SyncState, event: Extract<SyncEvent, { type: 'confirmed' }>, now: number): Stepped {
  const { gateway, revision, storeId, lagging } = event;
  const moved = otherStore(state, gateway, storeId);
  if (moved !== undefined) return moved;
  if (!event.applied) {
    const step = confirmFailed(state, gateway, 0, now);
    return { ...step, state: setInstance(step.state, gateway, { lagging }) };
  }
  const instance = state.instances[gateway] ?? idleInstance;
  const applied = Math.max(instance.applied, revision);
  const more = instance.confirm !== null && instance.confirm.revision > applied ? instance.confirm.revision : null;
  let current = setInstance(state, gateway, {
    applied,
    lagging: [],
    unconfirmed: instance.unconfirmed.filter((name) =>
      shardGet(state.upstreams, name)?.placed[gateway]?.unconfirmed.some((change) => change.revision > applied),
    ),
    confirm: more === null ? null : { revision: more, asking: true, attempt: 0 },
  });
  const effects: SyncEffect[] = more === null ? [] : [{ type: 'confirm', gateway, revision: more }];
  for (const name of instance.unconfirmed) {
    const upstream = shardGet(current.upstreams, name);
    const placed = upstream?.placed[gateway];
    if (upstream === undefined || placed === undefined) continue;
    const { placed: next, done } = confirmPlaced(placed, applied, now);
    if (done.length === 0) continue;
    effects.push(...propagated(gateway, name, done, now));
    const step = reconcile(
      { ...current, upstreams: shardSet(current.upstreams, name, withPlaced(upstream, gateway, next)) },
      name,
      now,
    );
    current = step.state;
    effects.push(...step.effects);
  }
  return { state: current, effects };
}

export function confirmFailed(state: SyncState, gateway: string, retryAfterMs: number, now: number): Stepped {
  const instance = state.instances[gateway] ?? idleInstance;
  if (instance.confirm === null) return { state, effects: [] };
  const { attempt, revision } = instance.confirm;
  const at = retryTime(state, attempt, retryAfterMs, `confirm ${gateway}`, now);
  return {
    state: setInstance(state, gateway, { confirm: { revision, asking: false, attempt: attempt + 1 } }),
    effects: [{ type: 'timer', name: `confirm ${gateway}`, at }],
  };
}

/** The confirm timer fired: ask again. */
export function confirmAgain(state: SyncState, gateway: string): Stepped {
  const confirm = state.instances[gateway]?.confirm;
  if (confirm == null || confirm.asking) return { state, effects: [] };
  return {
    state: setInstance(state, gateway, { confirm: { ...confirm, asking: true } }),
    effects: [{ type: 'confirm', gateway, revision: confirm.revision }],
  };
}
