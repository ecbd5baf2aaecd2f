/**
 * A map as plain data whose change costs little whatever its size: keys are spread over leaves by two digits of their
 * hash, and a change copies one branch and one leaf. Values are replaced, never changed in place.
 */
export type Shards<T> = readonly Branch<T>[];
/** Empty, or one place for each leaf. */
type Branch<T> = readonly (Leaf<T> | null)[];
/** Two lists rather than a record: the engine would make a class of its own for each set of names. */
interface Leaf<T> {
  readonly keys: readonly string[];
  readonly values: readonly T[];
}

const width = 64;
const noLeaves: readonly never[] = Object.freeze([]);

export function emptyShards<T>(): Shards<T> {
  return Array.from({ length: width }, () => noLeaves);
}

/** FNV-1a over UTF-16 units: short, and the same on every machine. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

const branchOf = (hash: number): number => hash % width;
const leafOf = (hash: number): number => (hash >>> 8) % width;

export function shardGet<T>(shards: Shards<T>, key: string): T | undefined {
  const hash = hashOf(key);
  const leaf = shards[branchOf(hash)]?.[leafOf(hash)] ?? null;
  const at = leaf === null ? -1 : leaf.keys.indexOf(key);
  return at < 0 ? undefined : leaf?.values[at];
}

/** With `undefined` the key goes. */
export function shardSet<T>(shards: Shards<T>, key: string, value: T | undefined): Shards<T> {
  if (shardGet(shards, key) === value) return shards;
  const hash = hashOf(key);
  const leaf = copyOf(shards, hash);
  put(leaf, key, value);
  return shards.with(branchOf(hash), branchWith(shards[branchOf(hash)] ?? noLeaves, [[leafOf(hash), leaf]]));
}

/** Many changes at once: each part that they touch is copied once. A later one of the same key wins. */
export function shardsWith<T>(shards: Shards<T>, changes: Iterable<readonly [string, T | undefined]>): Shards<T> {
  const branches = new Map<number, Map<number, Draft<T>>>();
  for (const [key, value] of changes) {
    const hash = hashOf(key);
    const leaves = entryOf(branches, branchOf(hash), () => new Map<number, Draft<T>>());
    put(
      entryOf(leaves, leafOf(hash), () => copyOf(shards, hash)),
      key,
      value,
    );
  }
  return shards.map((branch, at) => {
    const leaves = branches.get(at);
    return leaves === undefined ? branch : branchWith(branch, leaves);
  });
}

interface Draft<T> {
  readonly keys: string[];
  readonly values: T[];
}

function copyOf<T>(shards: Shards<T>, hash: number): Draft<T> {
  const leaf = shards[branchOf(hash)]?.[leafOf(hash)] ?? null;
  return leaf === null ? { keys: [], values: [] } : { keys: [...leaf.keys], values: [...leaf.values] };
}

function put<T>({ keys, values }: Draft<T>, key: string, value: T | undefined): void {
  const known = keys.indexOf(key);
  const at = known < 0 ? keys.length : known;
  if (value !== undefined) {
    keys[at] = key;
    values[at] = value;
  } else if (known >= 0) {
    keys.splice(at, 1);
    values.splice(at, 1);
  }
}

/** A branch without keys is as it was at the beginning: equal maps are equal data. */
function branchWith<T>(branch: Branch<T>, leaves: Iterable<readonly [number, Leaf<T>]>): Branch<T> {
  const next = branch.length === 0 ? new Array<Leaf<T> | null>(width).fill(null) : [...branch];
  for (const [at, leaf] of leaves) next[at] = leaf.keys.length === 0 ? null : leaf;
  return next.every((leaf) => leaf === null) ? noLeaves : next;
}

function entryOf<T>(map: Map<number, T>, key: number, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function leavesOf<T>(shards: Shards<T>): Leaf<T>[] {
  return shards.flatMap((branch) => branch.filter((leaf) => leaf !== null));
}

export function shardKeys(shards: Shards<unknown>): string[] {
  return leavesOf(shards).flatMap(({ keys }) => keys);
}

export function shardEntries<T>(shards: Shards<T>): [string, T][] {
  return leavesOf(shards).flatMap(({ keys, values }) =>
    keys.flatMap((key, at): [string, T][] => {
      const value = values[at];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

export function shardMap<T>(shards: Shards<T>, map: (value: T) => T): Shards<T> {
  return shards.map((branch) =>
    branch.map((leaf) => (leaf === null ? null : { keys: leaf.keys, values: leaf.values.map(map) })),
  );
}
