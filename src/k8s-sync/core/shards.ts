/**
 * A map as plain data whose change costs a small share of its size: keys are spread over a fixed number of records, and
 * a change copies one of them. Values are replaced, never changed in place.
 */
export type Shards<T> = readonly Readonly<Record<string, T>>[];

const shardCount = 256;
const none: Readonly<Record<string, never>> = Object.freeze({});

export function emptyShards<T>(): Shards<T> {
  return Array.from({ length: shardCount }, () => none);
}

/** FNV-1a over UTF-16 units: short, and the same on every machine. */
function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % shardCount;
}

export function shardGet<T>(shards: Shards<T>, key: string): T | undefined {
  const shard = shards[shardOf(key)];
  return shard !== undefined && Object.hasOwn(shard, key) ? shard[key] : undefined;
}

/** With `undefined` the key goes. */
export function shardSet<T>(shards: Shards<T>, key: string, value: T | undefined): Shards<T> {
  const at = shardOf(key);
  const { [key]: former, ...others } = shards[at] ?? {};
  if (former === value) return shards;
  return shards.with(at, value === undefined ? others : { ...shards[at], [key]: value });
}

export function shardKeys(shards: Shards<unknown>): string[] {
  return shards.flatMap((shard) => Object.keys(shard));
}

export function shardEntries<T>(shards: Shards<T>): [string, T][] {
  return shards.flatMap((shard) => Object.entries(shard));
}

export function shardMap<T>(shards: Shards<T>, map: (value: T) => T): Shards<T> {
  return shards.map((shard) => Object.fromEntries(Object.entries(shard).map(([key, value]) => [key, map(value)])));
}
