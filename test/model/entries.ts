import { shardEntries, type Shards } from '../../src/k8s-sync/core/index.js';

const known = new WeakMap<Shards<unknown>, readonly (readonly [string, unknown])[]>();

/** What the shards hold, looked for once: they are never changed in place. */
export function entriesOf<T>(shards: Shards<T>): readonly (readonly [string, T])[] {
  const found = known.get(shards) as readonly (readonly [string, T])[] | undefined;
  if (found !== undefined) return found;
  const entries = shardEntries(shards);
  known.set(shards, entries);
  return entries;
}
