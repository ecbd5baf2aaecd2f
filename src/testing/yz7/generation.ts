import { badJson, shown } from './problem.js';

const largest = (1n << 64n) - 1n;

/** A writer's number: a decimal string of an unsigned 64-bit integer. Numbers are refused, they lose digits. */
export function parseGeneration(value: unknown): bigint {
  if (typeof value !== 'string' || !/^(0|[1-9]\d{0,19})$/.test(value)) {
    throw badJson(`generation is ${shown(value)}; it must be a decimal string of an unsigned 64-bit integer`);
  }
  const generation = BigInt(value);
  if (generation > largest) throw badJson(`generation ${value} does not fit in 64 bits`);
  return generation;
}
