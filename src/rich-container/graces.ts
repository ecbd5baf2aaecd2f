import type { ProcessSpec } from './process-spec.js';

const helperGraceSeconds = 5;

/**
 * Seconds from TERM to KILL of each process, by name. Processes are stopped one after the other, so that the sum is the
 * longest stop; main gets what the helpers leave.
 */
export function gracesOf(processes: readonly ProcessSpec[], graceSeconds: number): ReadonlyMap<string, number> {
  const helpers = processes.filter(({ main }) => main !== true);
  const share = Math.min(helperGraceSeconds, graceSeconds / 2 / Math.max(1, helpers.length));
  const graces = new Map(helpers.map(({ name, graceSeconds: own }) => [name, own ?? share]));
  const rest = graceSeconds - [...graces.values()].reduce((sum, seconds) => sum + seconds, 0);
  for (const { name, main, graceSeconds: own } of processes) if (main === true) graces.set(name, own ?? rest);
  return graces;
}
