import type { SyncEffect } from './effect.js';
import type { NodeChange, SliceChange, SyncEvent, TimerName } from './event.js';
import { age, connected, disconnected, heartbeat, refusedList, seen, settle } from './health.js';
import { begin, claimed, claimFailed, lead, otherStore, sourcesFailed } from './claim.js';
import { confirmAgain, confirmed, confirmFailed } from './confirm.js';
import { lookAt } from './instance.js';
import { takeNodes } from './nodes.js';
import { readFailed, sourcesRead, upstreamRead } from './look.js';
import { override, proof, proofAgain } from './proof.js';
import { reconcile } from './reconcile.js';
import type { Stepped } from './stepped.js';
import { refreshMembers } from './upstream-members.js';
import { writeFailed, written } from './write.js';
import { applySliceChange } from './slices.js';
import { shardKeys, shardMap } from './shards.js';
import type { Health, SyncState } from './state.js';

/**
 * The whole behaviour of one cluster's syncer: what happened leads to a new state and to what is to be done. No clock, no
 * I/O, no chance: `now` is in milliseconds and never goes back. The same events give the same state.
 */
export function step(state: SyncState, event: SyncEvent, now: number): Stepped {
  // A process that stood still takes what came meanwhile in any order: its timers may be the last to speak. What follows
  // from its age alone comes after the event, which may take back what was believed before.
  const { health, effects } = age(state, now);
  const stepped = take({ ...state, health }, event, now);
  const names = health.phase === state.health.phase ? [] : shardKeys(stepped.state.upstreams);
  return reconcileAll(stepped.state, names, now, [...effects, ...stepped.effects]);
}

function take(state: SyncState, event: SyncEvent, now: number): Stepped {
  switch (event.type) {
    case 'slices':
      return slices(state, event.changes, now);
    case 'nodes':
      return nodes(state, event.changes, now);
    case 'heartbeat':
      return beat(state, event, now);
    case 'leading':
      return lead(state, event.epoch);
    case 'not-leading':
      return lead(state, null);
    case 'claimed':
      return claimed(state, event);
    case 'claim-failed':
      return claimFailed(state, event, now);
    case 'sources-failed':
      return sourcesFailed(state, event, now);
    case 'sources':
      return sourcesRead(state, event, now);
    case 'read':
      return upstreamRead(state, event, now);
    case 'read-failed':
      return readFailed(state, event, now);
    case 'written':
      return written(state, event, now);
    case 'write-failed':
      return writeFailed(state, event, now);
    case 'confirmed':
      return confirmed(state, event, now);
    case 'confirm-failed':
      return confirmFailed(state, event.gateway, event.failure.retryAfterMs, now);
    case 'other-store':
      return otherStore(state, event.gateway, event.storeId) ?? { state, effects: [] };
    case 'proof':
    case 'proof-failed':
      return proof(state, event, now);
    case 'timer':
      return timer(state, event.name, now);
    case 'override':
      return override(state, event, now);
    case 'freeze':
      return withHealth(state, { health: { ...state.health, frozenByOperator: true }, effects: [] }, now);
    case 'unfreeze':
      return withHealth(state, { health: { ...state.health, frozenByOperator: false }, effects: [] }, now);
    case 'traffic':
      return takeTraffic(state, event, now);
    case 'resync':
      return resync(state, now);
  }
}

function takeTraffic(
  state: SyncState,
  { percent, reason = 'drained', actor = 'an operator' }: Extract<SyncEvent, { type: 'traffic' }>,
  now: number,
): Stepped {
  const traffic = percent === 100 ? null : { percent, reason, actor };
  return reconcileAll({ ...state, traffic }, shardKeys(state.upstreams), now);
}

/** Reads all anew: until the new list is there, the cluster is not seen. */
function resync(state: SyncState, now: number): Stepped {
  const blind = withHealth(state, disconnected(state, 'asked to read all anew', now), now);
  let current = blind.state;
  const effects: SyncEffect[] = [...blind.effects, { type: 'relist' }];
  for (const gateway of state.config.gateways) {
    const looked = lookIfClaimed(current, gateway);
    current = looked.state;
    effects.push(...looked.effects);
  }
  return { state: current, effects };
}

function lookIfClaimed(state: SyncState, gateway: string): Stepped {
  return state.instances[gateway]?.stage === 'claimed' ? lookAt(state, gateway) : { state, effects: [] };
}

function reconcileAll(
  state: SyncState,
  names: Iterable<string>,
  now: number,
  before: readonly SyncEffect[] = [],
): Stepped {
  const effects = [...before];
  let current = state;
  for (const name of names) {
    const stepped = reconcile(current, name, now);
    current = stepped.state;
    effects.push(...stepped.effects);
  }
  return { state: current, effects };
}

function beat(state: SyncState, event: Extract<SyncEvent, { type: 'heartbeat' }>, now: number): Stepped {
  const beaten = heartbeat(state, event, now);
  if (beaten.wasRestored !== true) return withHealth(state, beaten, now);
  const upstreams = shardMap(state.upstreams, (upstream) => ({
    ...upstream,
    proofs: {},
    servicesGone: [],
    proofOutdated: upstream.proofAsked,
  }));
  return withHealth({ ...state, upstreams }, beaten, now);
}

/** A new health; where more, or less, is allowed than before, every upstream is looked at again. */
function withHealth(
  state: SyncState,
  { health, effects }: { readonly health: Health; readonly effects: readonly SyncEffect[] },
  now: number,
): Stepped {
  const former = state.health;
  const next = { ...state, health };
  const same =
    former.phase === health.phase &&
    former.watching === health.watching &&
    former.frozenByOperator === health.frozenByOperator;
  return same ? { state: next, effects } : reconcileAll(next, shardKeys(state.upstreams), now, effects);
}

function slices(state: SyncState, changes: readonly SliceChange[], now: number): Stepped {
  let current = state;
  const touched = new Set<string>();
  const effects: SyncEffect[] = [];
  // Health is taken in order: what came before the stream broke was seen on an unbroken stream.
  const flush = (): void => {
    for (const name of touched) current = refreshMembers(current, name, now);
    const stepped = reconcileAll(current, touched, now);
    current = stepped.state;
    effects.push(...stepped.effects);
    touched.clear();
  };
  for (const change of changes) {
    if (change.kind === 'connected' || change.kind === 'disconnected') {
      flush();
      const health =
        change.kind === 'connected'
          ? connected(current, now)
          : disconnected(current, `the watch broke: ${change.reason}`, now);
      const stepped = withHealth(current, health, now);
      current = stepped.state;
      effects.push(...stepped.effects);
    } else {
      const health = seen(current, change, now);
      if (health === undefined) {
        if (change.kind === 'replaced') current = { ...current, health: refusedList(current.health) };
        continue;
      }
      const stepped = applySliceChange({ ...current, health }, change);
      current = stepped.state;
      for (const name of stepped.touched) touched.add(name);
    }
  }
  flush();
  return { state: current, effects };
}

/** Nodes that are lost, or back, or seen again, change what may be removed anywhere. */
function nodes(state: SyncState, changes: readonly NodeChange[], now: number): Stepped {
  const next = takeNodes(state, changes, now);
  const lost = Object.keys(next.nodes.lost).sort();
  const isSame = lost.join() === Object.keys(state.nodes.lost).sort().join();
  if (isSame && next.nodes.sight === state.nodes.sight) return { state: next, effects: [] };
  const known = Object.keys(next.nodes.known).length;
  const effects: SyncEffect[] = isSame ? [] : [{ type: 'nodes-lost', nodes: lost, known }];
  return reconcileAll(next, shardKeys(state.upstreams), now, effects);
}

function timer(state: SyncState, name: TimerName, now: number): Stepped {
  const [what, of] = splitOnce(name);
  switch (what) {
    case 'health':
      return withHealth(state, settle(state, state.health, now, 'no heartbeat'), now);
    case 'upstream':
      return reconcile(state, of, now);
    case 'claim':
      return state.instances[of]?.stage === 'idle' ? begin(state, of) : { state, effects: [] };
    case 'confirm':
      return confirmAgain(state, of);
    case 'drift':
      return lookIfClaimed(state, of);
    default:
      return proofAgain(state, of);
  }
}

function splitOnce(name: string): [string, string] {
  const space = name.indexOf(' ');
  return space < 0 ? [name, ''] : [name.slice(0, space), name.slice(space + 1)];
}
