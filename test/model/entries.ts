import type { Shards } from '../../src/k8s-sync/core/index.js';

const known = new WeakMap<Shards<unknown>, readonly (readonly [string, unknown])[]>();

/** What the shards hold, looked for once: they are never changed in place. */
export function entriesOf<T>(shards: Shards<T>): readonly (readonly [string, T])[] {
  const found = known.get(shards) as readonly (readonly [string, T])[] | undefined;
  if (found !== undefined) return found;
  const entries: (readonly [string, T])[] = [];
  for (const shard of shards) for (const key in shard) entries.push([key, shard[key] as T]);
  known.set(shards, entries);
  return entries;
}
