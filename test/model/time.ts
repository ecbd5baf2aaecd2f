import type { SyncTimings } from '../../src/k8s-sync/core/index.js';

/** Time goes in ticks, from heartbeat to heartbeat; every wait of the syncer is a whole number of them. */
export const tickMs = 2000;
export const suspectMs = 2 * tickMs;
export const frozenMs = 3 * tickMs;
/** Longer than it takes to try again. */
export const windowMs = 2 * tickMs;
export const graceMs = tickMs;

export const timings: SyncTimings = {
  suspectMs,
  frozenMs,
  absenceHoldMs: tickMs,
  drainGraceMs: graceMs,
  nodesWaitMs: tickMs,
  // Comes as an event of its own: see `drift` in the actions.
  driftMs: 1000 * tickMs,
  // However often something failed, it is tried again with the next tick.
  backoffBaseMs: tickMs,
  backoffMaxMs: tickMs,
};

/** So many ticks ago, no more than `most`: further back makes no difference. */
export const ticksSince = (now: number, then: number, mostMs: number): number =>
  Math.ceil(Math.min(mostMs, now - then) / tickMs);

/** So many ticks to come; 0 for what is due. */
export const ticksUntil = (now: number, then: number): number => Math.max(0, Math.ceil((then - now) / tickMs));
