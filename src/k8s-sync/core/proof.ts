// What lifts a hold: a consistent look at the cluster, or an operator's word.
import type { SyncEvent } from './event.js';
import { isWithheld, proofFor } from './holds.js';
import { reconcile, retryTime } from './reconcile.js';
import { shardGet, shardSet } from './shards.js';
import type { Hold, SyncState } from './state.js';
import type { Stepped } from './stepped.js';

export function proof(
  state: SyncState,
  event: Extract<SyncEvent, { type: 'proof' | 'proof-failed' }>,
  now: number,
): Stepped {
  const upstream = shardGet(state.upstreams, event.upstream);
  if (upstream === undefined) return { state, effects: [] };
  const attempt = upstream.proofAttempt + 1;
  const next = {
    ...upstream,
    proofAsked: false,
    proofOutdated: false,
    proofAttempt: attempt,
    ...(event.type === 'proof' && !upstream.proofOutdated
      ? { proofs: { ...upstream.proofs, ...event.pods }, servicesGone: event.servicesGone }
      : {}),
  };
  const stepped = reconcile(
    { ...state, upstreams: shardSet(state.upstreams, event.upstream, next) },
    event.upstream,
    now,
  );
  const { holds = {} } = shardGet(stepped.state.upstreams, event.upstream) ?? {};
  const held = Object.values(holds).some((hold) => !isWithheld(hold));
  if (!held) return stepped;
  const at = retryTime(state, attempt, 0, `proof ${event.upstream}`, now);
  return {
    state: stepped.state,
    effects: [...stepped.effects, { type: 'timer', name: `proof ${event.upstream}`, at }],
  };
}

export function proofAgain(state: SyncState, name: string): Stepped {
  const upstream = shardGet(state.upstreams, name);
  if (upstream === undefined || upstream.proofAsked || Object.values(upstream.holds).every(isWithheld))
    return { state, effects: [] };
  const asked = { ...upstream, proofAsked: true };
  return {
    state: { ...state, upstreams: shardSet(state.upstreams, name, asked) },
    effects: [proofFor(upstream, name, upstream.holds)],
  };
}

/** Lets go what the guards hold at this moment, at every gateway. */
export function override(state: SyncState, event: Extract<SyncEvent, { type: 'override' }>, now: number): Stepped {
  const upstream = shardGet(state.upstreams, event.upstream);
  if (upstream === undefined) return { state, effects: [] };
  const { reason, actor } = event;
  const wordFor = (isMeant: (hold: Hold) => boolean) => {
    const held = Object.values(upstream.holds).filter(isMeant);
    return Object.fromEntries(held.flatMap(({ servers }) => servers).map((key) => [key, { reason, actor }]));
  };
  const overridden = { ...upstream.overridden, ...wordFor((hold) => !isWithheld(hold)) };
  const admitted = { ...upstream.admitted, ...wordFor(isWithheld) };
  return reconcile(
    { ...state, upstreams: shardSet(state.upstreams, event.upstream, { ...upstream, overridden, admitted }) },
    event.upstream,
    now,
  );
}
