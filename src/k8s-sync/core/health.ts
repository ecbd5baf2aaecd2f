import type { SyncEffect } from './effect.js';
import type { Health, SyncPhase, SyncState } from './state.js';

/** What a health event asks for beside the new phase. */
export interface HealthStep {
  readonly health: Health;
  readonly effects: readonly SyncEffect[];
}

/** The phase that follows from the age of the heartbeat and the watch. Going back to live needs both. */
function phaseOf(state: SyncState, health: Health, now: number): SyncPhase {
  const { suspectMs, frozenMs } = state.config.timings;
  if (health.heartbeatAt === null) return 'syncing';
  const age = now - health.heartbeatAt;
  if (age >= frozenMs) return 'frozen';
  // Out of frozen the way leads through a new complete list.
  if (health.phase === 'syncing' || health.phase === 'frozen')
    return health.watching && health.phase === 'syncing' ? 'live' : 'syncing';
  if (age >= suspectMs || !health.watching) return 'suspect';
  return 'live';
}

/** Takes a changed health to its phase; sets the timer at which it would change by itself. */
export function settle(state: SyncState, health: Health, now: number, reason: string): HealthStep {
  const { timings } = state.config;
  const phase = phaseOf(state, health, now);
  const effects: SyncEffect[] = [];
  const relists = phase === 'syncing' && health.phase === 'frozen';
  const settled: Health = { ...health, phase, watching: relists ? false : health.watching };
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

/** A heartbeat came. A resource version lower than one seen says that etcd was restored: all sight is void. */
export function heartbeat(state: SyncState, resourceVersion: string, now: number): HealthStep {
  const { health } = state;
  if (isOlder(resourceVersion, health.heartbeatVersion)) {
    const restored: Health = {
      ...health,
      phase: 'syncing',
      watching: false,
      heartbeatAt: now,
      heartbeatVersion: resourceVersion,
    };
    const step = settle(state, restored, now, 'resource version went back');
    return {
      health: step.health,
      effects: [
        { type: 'phase', from: health.phase, to: 'syncing', reason: 'resource version went back' },
        { type: 'relist' },
        ...step.effects,
      ],
    };
  }
  return settle(state, { ...health, heartbeatAt: now, heartbeatVersion: resourceVersion }, now, 'heartbeat');
}

function isOlder(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) < BigInt(than);
}
