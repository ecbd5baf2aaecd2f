import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestYaml } from '../../../constructs/objects/manifest-yaml.js';

/** Texts that YAML takes for something else, or that need quotes or a block. */
const tricky = fc.constantFrom(
  ...['', '~', 'null', 'Yes', 'off', 'true', 'N', '1.0', '1e3', '0x1F', '010', '08', '1_000', '12:30', '2026-01-01'],
  ...['-', '---', '...', '- a', '? a', 'a: b', 'a #b', '#a', '&a', '*a', '!a', '%a', '@a', '`a', '<<', '=', '.inf'],
  ...[
    'a:',
    ':a',
    'http://a:80/b',
    '"',
    "'",
    `'"`,
    ' a',
    'a ',
    '\t',
    '\n',
    '\n\n',
    'a\n',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n ',
  ],
  ...[
    '#!/bin/sh\nset -eu\n\n  exec "$@"\n',
    'a\n---\nb',
    '\0',
    '\x7f',
    '\ud800',
    '\u2028',
    'é中',
    'a\r\nb',
    '$(POD_IP)',
  ],
);
const text = fc.oneof(
  tricky,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('eE019.-+_:xobinNyYfF')), maxLength: 5 }),
  fc.string({ unit: fc.constantFrom(...Array.from('ab01:/.-_#\'"{}[],&*!|>%@` \n\t')) }),
  fc.array(tricky, { maxLength: 4 }).map((parts) => parts.join('\n')),
);
/** A key that could end a document is quoted by cdk8s at some depths only; quotes at every depth are right too. */
const key = text.filter((one) => !/^(?:%|---|\.\.\.)/m.test(one));
const { map } = fc.letrec<{ tree: unknown; map: object }>((tie) => ({
  map: fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  tree: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree'), { maxLength: 4 }),
    tie('map'),
  ),
}));

describe('the YAML of manifests', () => {
  it("is cdk8s' own, byte for byte, whatever the texts and the depth", () => {
    fc.assert(
      fc.property(fc.array(map, { maxLength: 3 }), (documents) => {
        expect(manifestYaml(documents)).toBe(Yaml.stringify(...documents));
      }),
      { numRuns: 2000 },
    );
  });

  it('quotes every word of up to three letters that cdk8s quotes', () => {
    const letters = Array.from('eEnNyYoOxbfF0179-./:');
    const words = letters.flatMap((one) => [
      one,
      ...letters.flatMap((two) => [one + two, ...letters.map((three) => one + two + three)]),
    ]);
    expect(manifestYaml([{ words }])).toBe(Yaml.stringify({ words }));
  });
});
