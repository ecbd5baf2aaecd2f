import type { Explored } from './explore.js';
import type { Hunt } from './hunt.js';

export function textOfExplored({ world, states, transitions, depth, ms, isComplete, broken }: Explored): string {
  const end = isComplete ? 'all' : broken === undefined ? 'NOT ALL: the bound came first' : 'BROKEN';
  return [
    world.padEnd(20),
    `${states} states`.padStart(16),
    `${transitions} steps`.padStart(16),
    `depth ${depth}`.padStart(10),
    `${(ms / 1000).toFixed(1)} s`.padStart(9),
    `  ${end}`,
  ].join('');
}

export function textOfHunt({ mutation, foundIn, invariant, steps, states, ms }: Hunt): string {
  const end = foundIn === undefined ? 'NOT FOUND' : `${invariant ?? ''} in ${foundIn}, ${steps} steps`;
  return `without ${mutation.padEnd(64)}${end.padEnd(50)}${`${states} states`.padStart(14)}${`${(ms / 1000).toFixed(1)} s`.padStart(8)}`;
}
