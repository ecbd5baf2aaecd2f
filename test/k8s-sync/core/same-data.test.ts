import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSameData } from '../../../src/k8s-sync/core/same-data.js';

const few = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.array(fc.constantFrom(0, null, '', []), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('a', '0'), fc.constantFrom(0, null), { maxKeys: 2, noNullPrototype: true }),
);
// -0 is no JSON: it comes back as 0.
const plain = few.map((value): unknown => JSON.parse(JSON.stringify(value)));

it('says of plain data what a deep comparison says', () => {
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      expect(isSameData(one, structuredClone(one))).toBe(true);
      expect(isSameData(one, other)).toBe(isDeepStrictEqual(one, other));
    }),
    { numRuns: 1000 },
  );
});
