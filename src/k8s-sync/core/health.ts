import type { SyncEffect } from './effect.js';
import type { SliceChange, SyncEvent } from './event.js';
import type { Health, SyncPhase, SyncState } from './state.js';

/** What a health event asks for beside the new phase. */
export interface HealthStep {
  readonly health: Health;
  readonly effects: readonly SyncEffect[];
  /** etcd was restored: what was proven may have been undone. */
  readonly wasRestored?: boolean;
}

type SeenChange = Exclude<SliceChange, { kind: 'connected' | 'disconnected' }>;

/**
 * The first heartbeat after the watch was taken up again may have been on its way before; the second was sent and answered
 * while it was open.
 */
const heartbeatsToCatchUp = 2;

/** The phase that follows from the age of the heartbeat and the watch. Going back to live needs both. */
function phaseOf(state: SyncState, health: Health, now: number): SyncPhase {
  const { suspectMs, frozenMs } = state.config.timings;
  if (health.heartbeatAt === null) return 'syncing';
  const age = now - health.heartbeatAt;
  if (age >= frozenMs) return 'frozen';
  const seesAll = age < suspectMs && health.watching && health.catchUp === 0 && !health.listWasOld;
  // Out of frozen the way leads through a new complete list.
  if (health.phase === 'frozen') return 'syncing';
  if (health.phase === 'syncing') return seesAll && health.listed ? 'live' : 'syncing';
  return seesAll ? 'live' : 'suspect';
}

const unseen = { watching: false, listed: false, catchUp: 0 };

/** Takes a changed health to its phase; sets the timer at which it would change by itself. */
export function settle(state: SyncState, health: Health, now: number, reason: string): HealthStep {
  const { timings } = state.config;
  const phase = phaseOf(state, health, now);
  const effects: SyncEffect[] = [];
  const relists = phase === 'syncing' && health.phase === 'frozen';
  const settled: Health = { ...health, phase, ...(relists ? unseen : {}) };
  if (phase !== health.phase) effects.push({ type: 'phase', from: health.phase, to: phase, reason });
  if (relists) effects.push({ type: 'relist' });
  if (settled.heartbeatAt !== null && phase !== 'frozen') {
    const age = now - settled.heartbeatAt;
    const next = age < timings.suspectMs ? timings.suspectMs : timings.frozenMs;
    effects.push({ type: 'timer', name: 'health', at: settled.heartbeatAt + next });
  }
  return { health: settled, effects };
}

/** The time that has passed by itself. */
export function age(state: SyncState, now: number): HealthStep {
  const { health } = state;
  if (phaseOf(state, health, now) === health.phase) return { health, effects: [] };
  return settle(state, health, now, 'no heartbeat');
}

/**
 * The health after a list or an event; undefined for what was seen already, or is older. A lagging server's list is such:
 * the watch that follows it tells again what is known, then what is new. One of a cluster that was restored is such, too,
 * and its watch says nothing of what was lost: so another list is asked for.
 */
export function seen({ health }: SyncState, { kind, resourceVersion }: SeenChange, now: number): Health | undefined {
  const { seenVersion } = health;
  if (kind === 'replaced')
    return isOlder(resourceVersion, seenVersion)
      ? undefined
      : { ...health, listed: true, listWasOld: false, listedAt: now, catchUp: 0, seenVersion: resourceVersion };
  // Without a version it is no news of the watch: something else that belongs to a slice has changed.
  if (resourceVersion === '') return health;
  const isKnown = resourceVersion === seenVersion;
  return isKnown || isOlder(resourceVersion, seenVersion) ? undefined : { ...health, seenVersion: resourceVersion };
}

/** The watch is open: after a complete list, or where it ended; then what was missed meanwhile is yet to be told. */
export function connected(state: SyncState, now: number): HealthStep {
  const { health } = state;
  const catchUp = health.watching || health.listed ? health.catchUp : heartbeatsToCatchUp;
  return settle(state, { ...health, watching: true, catchUp }, now, 'the watch is open');
}

export function disconnected(state: SyncState, reason: string, now: number): HealthStep {
  return settle(state, { ...state.health, ...unseen }, now, reason);
}

/**
 * A heartbeat came. A resource version lower than one that was seen before it was sent says that etcd was restored, and so
 * does a former heartbeat that is not there any more, also when so much was written since that versions don't tell: all
 * sight is void. So is the sight of a stream that no heartbeat vouched for: what was missed while etcd was restored, a
 * watch never tells.
 */
export function heartbeat(
  state: SyncState,
  {
    resourceVersion,
    lostWrite = false,
  }: Pick<Extract<SyncEvent, { type: 'heartbeat' }>, 'resourceVersion' | 'lostWrite'>,
  now: number,
): HealthStep {
  const { health } = state;
  const { heartbeatAt, heartbeatVersion, seenVersion, vouchedVersion } = health;
  const beaten: Health = {
    ...health,
    heartbeatAt: now,
    heartbeatVersion: resourceVersion,
    vouchedVersion: seenVersion,
    catchUp: health.watching ? Math.max(0, health.catchUp - 1) : health.catchUp,
  };
  const isFirst = heartbeatAt === null;
  const wasRestored =
    lostWrite ||
    isOlder(resourceVersion, heartbeatVersion) ||
    isOlder(resourceVersion, isFirst ? seenVersion : vouchedVersion);
  if (wasRestored) {
    const anew = { ...beaten, seenVersion: '', vouchedVersion: '' };
    return {
      ...startAnew(state, anew, lostWrite ? 'a heartbeat was lost' : 'resource version went back', now),
      wasRestored,
    };
  }
  // A list that is still owed may have been answered by a server that lags, or before etcd was restored.
  if (health.watching && (health.listWasOld || (health.phase === 'syncing' && !health.listed)))
    return startAnew(state, beaten, 'the list was old', now);
  const isUnvouched = isFirst && health.listedAt !== null && now - health.listedAt >= state.config.timings.frozenMs;
  if (isUnvouched) return startAnew(state, beaten, 'the first heartbeat', now);
  return settle(state, beaten, now, 'heartbeat');
}

/** Nothing that was seen counts until there is a new complete list. */
function startAnew(state: SyncState, health: Health, reason: string, now: number): HealthStep {
  const { phase: from } = health;
  const step = settle(state, { ...health, ...unseen, phase: 'syncing' }, now, reason);
  const phase: SyncEffect[] = from === 'syncing' ? [] : [{ type: 'phase', from, to: 'syncing', reason }];
  return { health: step.health, effects: [...phase, { type: 'relist' }, ...step.effects] };
}

/** Remembers that a list was too old to be taken. */
export const refusedList = (health: Health): Health => ({ ...health, listWasOld: true });

function isOlder(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) < BigInt(than);
}
