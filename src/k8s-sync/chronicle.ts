import type { OperatorWord, SyncEffect, SyncEvent } from './core/index.js';
import { failureWords } from './tell.js';

/** What decides nothing, and an operator wants to know: since when, why, by whom. Times as the core's. */
export interface Chronicle {
  readonly phase: { readonly since: number; readonly reason: string };
  /** The operator's freeze that holds; null when none does. */
  readonly freeze: ({ readonly since: number } & OperatorWord) | null;
  /** The operator's order on the traffic that holds; null when none does. */
  readonly traffic: ({ readonly since: number; readonly percent: number | null } & OperatorWord) | null;
  /** What each gateway did not do when it was asked last, by what was asked. */
  readonly failures: Readonly<Record<string, Readonly<Record<string, Failure>>>>;
}

export interface Failure {
  readonly at: number;
  readonly message: string;
}

export const beginChronicle = (now: number): Chronicle => ({
  phase: { since: now, reason: 'start' },
  freeze: null,
  traffic: null,
  failures: {},
});

/** The answer that takes back a failure of the same question. */
const answers: Readonly<Record<string, keyof typeof failureWords>> = {
  claimed: 'claim-failed',
  sources: 'sources-failed',
  read: 'read-failed',
  written: 'write-failed',
  confirmed: 'confirm-failed',
};

/** Adds one step of the core. */
export function continueChronicle(
  chronicle: Chronicle,
  event: SyncEvent,
  effects: readonly SyncEffect[],
  now: number,
): Chronicle {
  const next = withFailure(withOrder(chronicle, event, now), event, now);
  const phase = effects.findLast((effect) => effect.type === 'phase');
  return phase?.type === 'phase' ? { ...next, phase: { since: now, reason: phase.reason } } : next;
}

function withOrder(chronicle: Chronicle, event: SyncEvent, now: number): Chronicle {
  if (event.type === 'unfreeze') return { ...chronicle, freeze: null };
  if (event.type !== 'freeze' && event.type !== 'traffic') return chronicle;
  const { reason, actor, ageMs = 0 } = event;
  const order = { since: now - ageMs, reason, actor };
  if (!('percent' in event)) return { ...chronicle, freeze: order };
  return { ...chronicle, traffic: event.percent === 100 ? null : { ...order, percent: event.percent } };
}

function withFailure(chronicle: Chronicle, event: SyncEvent, now: number): Chronicle {
  if (event.type === 'leading' || event.type === 'not-leading') return { ...chronicle, failures: {} };
  if (!('gateway' in event)) return chronicle;
  const { gateway } = event;
  const ofGateway = chronicle.failures[gateway] ?? {};
  if ('failure' in event) {
    const message = `${failureWords[event.type]}: ${event.failure.code}: ${event.failure.message}`;
    return withFailures(chronicle, gateway, { ...ofGateway, [event.type]: { at: now, message } });
  }
  const answered = answers[event.type];
  if (answered === undefined || ofGateway[answered] === undefined) return chronicle;
  const others = Object.entries(ofGateway).filter(([type]) => type !== answered);
  return withFailures(chronicle, gateway, Object.fromEntries(others));
}

const withFailures = (chronicle: Chronicle, gateway: string, failures: Chronicle['failures'][string]): Chronicle => ({
  ...chronicle,
  failures: { ...chronicle.failures, [gateway]: failures },
});
