import { k8s } from 'cdk8s-plus-28';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonOf } from '../../../constructs/pod/json.js';

const { map } = fc.letrec<{ value: unknown; map: object }>((tie) => ({
  map: fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.string().map((text) => k8s.Quantity.fromString(text)),
    fc.array(tie('value')),
    tie('map'),
  ),
}));

describe('JSON of a value', () => {
  it('is what stands in a file: nothing that is undefined, and the own fields of classes', () => {
    fc.assert(
      fc.property(map, (value) => {
        expect(jsonOf(value)).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
