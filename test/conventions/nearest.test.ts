import { describe, expect, it } from 'vitest';
import { nearestOf } from '../../src/conventions/index.js';

describe('nearestOf', () => {
  const known = ['stack', 'runtime', 'entrypoint', 'env', 'helpers'];

  it.each([
    ['entrypont', 'entrypoint'],
    ['entry_point', 'entrypoint'],
    ['Runtime', 'runtime'],
    ['satck', 'stack'],
    ['helper', 'helpers'],
    ['volumes', undefined],
    ['', undefined],
  ])('takes "%s" for %s', (word, expected) => {
    expect(nearestOf(word, known)).toBe(expected);
  });
});
