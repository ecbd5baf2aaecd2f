// Medians, spreads, and targets with their verdicts.
import { loadavg } from 'node:os';

const sorted = (values) => [...values].sort((a, b) => a - b);

export const quantile = (values, share) => sorted(values)[Math.round((values.length - 1) * share)];
export const median = (values) => quantile(values, 0.5);

/** `524 (498-611)`. */
export const spread = (values, digits = 0) =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)})`;

/** How busy the machine was: figures of one run compare, those of two only at a like load. */
export const load = () => `load ${loadavg()[0].toFixed(1)}`;

/** `1.52 of 1.80 allowed`; a miss makes the process end with 1. */
export function target(what, value, allowed, { digits = 2, unit = '' } = {}) {
  const isMissed = !(value <= allowed);
  if (isMissed) process.exitCode = 1;
  const words = `${value.toFixed(digits)}${unit} of ${allowed.toFixed(digits)}${unit} allowed`;
  console.log(`  ${what}: ${words}${isMissed ? ': MISSED' : ''}`);
}

/** A table's row: a name, then cells. */
export const row = (name, ...cells) => console.log(`  ${name.padEnd(34)} ${cells.join('  ')}`);
