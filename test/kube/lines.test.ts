import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/kube/lines.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('LineSplitter', () => {
  it('gives the lines that end in a chunk', () => {
    const lines = new LineSplitter();
    expect(lines.push(bytes('one\ntwo\nth'))).toEqual(['one', 'two']);
    expect(lines.push(bytes('ree\n'))).toEqual(['three']);
  });

  it('skips empty lines', () => {
    expect(new LineSplitter().push(bytes('\n\none\n\n'))).toEqual(['one']);
  });

  it('says that the last line was cut when its newline did not come', () => {
    const lines = new LineSplitter();
    expect(lines.isCut).toBe(false);
    lines.push(bytes('one\ntw'));
    expect(lines.isCut).toBe(true);
    lines.push(bytes('o\n'));
    expect(lines.isCut).toBe(false);
  });

  it('gives the same lines for any chunks, also inside a character', () => {
    const text = fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')));
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 60 })), (given, cuts) => {
        const all = bytes(given.map((line) => `${line}\n`).join(''));
        const places = [...new Set(cuts.filter((cut) => cut < all.length))].sort((one, other) => one - other);
        const splitter = new LineSplitter();
        const lines = [...places, all.length].flatMap((place, index) =>
          splitter.push(all.subarray(places[index - 1] ?? 0, place)),
        );
        expect(lines).toEqual(given.filter((line) => line !== ''));
        expect(splitter.isCut).toBe(false);
      }),
    );
  });
});
