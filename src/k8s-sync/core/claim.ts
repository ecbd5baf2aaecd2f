// Leading, and how an instance is begun: claimed, then looked at, then written.
import type { SyncEffect } from './effect.js';
import type { GatewayFailure, SyncEvent } from './event.js';
import { generationOf } from './generation.js';
import { instanceOf, lookAt, setInstance } from './instance.js';
import { retryTime, withPlaced } from './reconcile.js';
import { shardMap } from './shards.js';
import { idleInstance, type PlacedUpstream, type SyncState } from './state.js';
import type { Stepped } from './stepped.js';

/** Refusals that say that another writer leads. */
const fencing = new Set(['STALE_GENERATION', 'CLAIM_CONFLICT']);

export const isFencing = ({ code }: GatewayFailure): boolean => fencing.has(code);

/** Begins anew at one instance: claim, then read, then write. */
export function begin(state: SyncState, gateway: string): Stepped {
  if (state.epoch === null) return { state, effects: [] };
  if (!state.config.rules.claim) return lookAt(setInstance(state, gateway, { stage: 'reading' }), gateway);
  return {
    state: setInstance(state, gateway, { stage: 'claiming' }),
    effects: [{ type: 'claim', gateway, generation: generationOf(state.epoch, 0) }],
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

export function claimFailed(
  state: SyncState,
  { gateway, generation, failure }: Extract<SyncEvent, { type: 'claim-failed' }>,
  now: number,
): Stepped {
  return isClaiming(state, gateway, generation) ? beginFailed(state, gateway, failure, now) : { state, effects: [] };
}

/** The answer to the claim of an earlier epoch may come late. */
function isClaiming(state: SyncState, gateway: string, generation: string): boolean {
  const isPresent = state.epoch !== null && generation === generationOf(state.epoch, 0);
  return isPresent && state.instances[gateway]?.stage === 'claiming';
}

export function sourcesFailed(
  state: SyncState,
  { gateway, look, failure }: Extract<SyncEvent, { type: 'sources-failed' }>,
  now: number,
): Stepped {
  return state.instances[gateway]?.look === look ? beginFailed(state, gateway, failure, now) : { state, effects: [] };
}

/** Claim or read failed: again later; a greater claim than ours needs a greater epoch. */
function beginFailed(state: SyncState, gateway: string, failure: GatewayFailure, now: number): Stepped {
  const instance = instanceOf(state, gateway);
  if (isFencing(failure)) return fenced(state, gateway, failure);
  const at = retryTime(state, instance.attempt, failure.retryAfterMs, `claim ${gateway}`, now);
  return {
    state: setInstance(state, gateway, { stage: 'idle', look: null, attempt: instance.attempt + 1 }),
    effects: [{ type: 'timer', name: `claim ${gateway}`, at }],
  };
}

export function fenced(state: SyncState, gateway: string, failure: GatewayFailure): Stepped {
  return {
    state: setInstance(state, gateway, { stage: 'fenced' }),
    effects: [{ type: 'renew-epoch', above: Math.max(failure.presentEpoch, state.epoch ?? 0) }],
  };
}

/** Another store answers: whatever we knew of this instance is void. */
export function otherStore(state: SyncState, gateway: string, storeId: string): Stepped | undefined {
  const known = state.instances[gateway]?.storeId ?? '';
  if (storeId === '' || known === storeId) return undefined;
  return begin(setInstance(forgetStore(state, gateway), gateway, { storeId }), gateway);
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
