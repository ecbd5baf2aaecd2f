import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyShards,
  shardEntries,
  shardGet,
  shardKeys,
  shardMap,
  type Shards,
  shardSet,
  shardsWith,
} from '../../../src/k8s-sync/core/shards.js';

const changes = fc.array(fc.tuple(fc.string({ maxLength: 2 }), fc.option(fc.nat(9), { nil: undefined })));
type Changes = readonly (readonly [string, number | undefined])[];

const asMap = (all: Changes): Map<string, number> => {
  const map = new Map<string, number>();
  for (const [key, value] of all) {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
  return map;
};
const oneByOne = (all: Changes, start: Shards<number> = emptyShards()): Shards<number> =>
  all.reduce<Shards<number>>((shards, [key, value]) => shardSet(shards, key, value), start);

describe('shards', () => {
  it('hold what a Map would hold, whether changed one by one or all at once', () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const expected = asMap([...first, ...second]);
        for (const shards of [oneByOne([...first, ...second]), shardsWith(shardsWith(emptyShards(), first), second)]) {
          expect(new Map(shardEntries(shards))).toEqual(expected);
          expect(new Set(shardKeys(shards))).toEqual(new Set(expected.keys()));
          for (const [key] of [...first, ...second]) expect(shardGet(shards, key)).toBe(expected.get(key));
        }
      }),
    );
  });

  it('leave what they were as it was', () => {
    fc.assert(
      fc.property(changes, changes, (first, second) => {
        const shards = shardsWith(emptyShards<number>(), first);
        const before = JSON.stringify(shards);
        shardsWith(shards, second);
        oneByOne(second, shards);
        expect(JSON.stringify(shards)).toBe(before);
      }),
    );
  });

  it('are as at the beginning when all keys have gone', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const gone = all.map(([key]) => [key, undefined] as const);
        expect(shardsWith(shardsWith(emptyShards<number>(), all), gone)).toEqual(emptyShards<number>());
      }),
    );
  });

  it('share all parts but those of a changed key', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `key-${index}`);
    const shards = shardsWith(
      emptyShards<number>(),
      keys.map((key) => [key, 1]),
    );
    const next = shardSet(shards, 'key-7', 2);
    expect(shardSet(next, 'key-7', 2)).toBe(next);
    expect(next.filter((branch, at) => branch !== shards[at])).toHaveLength(1);
    const branch = next.findIndex((each, at) => each !== shards[at]);
    expect(next[branch]?.filter((leaf, at) => leaf !== shards[branch]?.[at])).toHaveLength(1);
  });

  it('map every value', () => {
    const shards = shardsWith(emptyShards<number>(), [
      ['one', 1],
      ['two', 2],
    ]);
    expect(new Map(shardEntries(shardMap(shards, (value) => value * 10)))).toEqual(
      new Map([
        ['one', 10],
        ['two', 20],
      ]),
    );
  });
});
