import type { SliceChange } from './core/index.js';

/** Endpoints told before the event loop gets a turn: a few milliseconds of the core's work. */
const endpointsPerTurn = 1000;

/**
 * The first list of a large cluster in parts, so that it does not stop the event loop: its slices one after the other,
 * which the core may publish as they come, then the list itself, which says that there are no others. Only the first one:
 * a later list may be older than what is known.
 */
export function inTurns(changes: readonly SliceChange[]): (readonly SliceChange[])[] {
  return [...changes.flatMap((change) => (change.kind === 'replaced' ? partsOf(change.slices) : [])), changes];
}

function partsOf(slices: Extract<SliceChange, { readonly kind: 'replaced' }>['slices']): SliceChange[][] {
  const parts: SliceChange[][] = [];
  let part: SliceChange[] = [];
  let endpoints = 0;
  for (const [key, slice] of Object.entries(slices)) {
    // Without a version: it is no news of the watch, and the list that follows has its own.
    part.push({ kind: 'upserted', key, slice, resourceVersion: '' });
    endpoints += slice.endpoints.length + 1;
    if (endpoints < endpointsPerTurn) continue;
    parts.push(part);
    part = [];
    endpoints = 0;
  }
  // What fits into one turn needs no parts.
  if (parts.length === 0) return [];
  return part.length === 0 ? parts : [...parts, part];
}
