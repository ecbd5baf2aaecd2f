// Whether every worker of an instance has what was written.
import { type Server, serverKey } from '../../members/index.js';
import { otherStore } from './claim.js';
import type { SyncEffect } from './effect.js';
import type { SyncEvent } from './event.js';
import { instanceOf, setInstance } from './instance.js';
import { reconcile, retryTime, withPlaced } from './reconcile.js';
import { shardGet, shardSet } from './shards.js';
import type { PlacedUpstream, SyncState } from './state.js';
import type { Stepped } from './stepped.js';

const drainsOf = (servers: readonly Server[]): string[] =>
  servers.filter(({ state }) => state === 'drain').map(serverKey);

/** Keys of the drained servers whose drain no known change has made. */
export function newDrains({ drainedAt, unconfirmed }: PlacedUpstream, servers: readonly Server[]): string[] {
  const known = new Set([...Object.keys(drainedAt), ...unconfirmed.flatMap(({ drained }) => drained)]);
  return drainsOf(servers).filter((key) => !known.has(key));
}

/** Every worker has this revision: the drains up to it have their grace from now on. */
export function confirmPlaced(
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
export function awaitConfirm(state: SyncState, gateway: string, names: readonly string[]): Stepped {
  const waiting = names.map(
    (name) => [name, shardGet(state.upstreams, name)?.placed[gateway]?.unconfirmed ?? []] as const,
  );
  const revisions = waiting.flatMap(([, unconfirmed]) => unconfirmed.map(({ revision }) => revision));
  if (revisions.length === 0) return { state, effects: [] };
  const { unconfirmed } = instanceOf(state, gateway);
  const all = new Set([...unconfirmed, ...waiting.flatMap(([name, changes]) => (changes.length > 0 ? [name] : []))]);
  return askConfirm(setInstance(state, gateway, { unconfirmed: [...all] }), gateway, Math.max(...revisions));
}

/** Asks once for the highest revision; a higher one that comes meanwhile is asked for afterwards. */
function askConfirm(state: SyncState, gateway: string, revision: number): Stepped {
  const instance = instanceOf(state, gateway);
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
  const instance = instanceOf(state, gateway);
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
  const instance = instanceOf(state, gateway);
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

/** What took how long from a member's change to every worker. */
export function propagated(
  gateway: string,
  upstream: string,
  done: PlacedUpstream['unconfirmed'],
  now: number,
): SyncEffect[] {
  return done.flatMap(({ since }) => (since < 0 ? [] : [{ type: 'propagated', gateway, upstream, ms: now - since }]));
}
