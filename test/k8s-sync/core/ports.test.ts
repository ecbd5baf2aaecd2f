import { describe, expect, it } from 'vitest';
import { keyOf, Play, upstream } from './play.js';

const doubt = '8001 is the port of manage';
const two = { a: 'ready', b: 'ready' } as const;
const word = { type: 'override', upstream, reason: 'it is meant so', actor: 'ann' } as const;

/** The first of two pods is published; then the slice has a port that contradicts the conventions. */
function doubted(): Play {
  const play = Play.live({ a: 'ready' });
  play.see(two, 0, { doubt });
  return play;
}

describe('the guard of ports', () => {
  it('does not add a pod whose port contradicts the conventions, and keeps one that is there', () => {
    const play = Play.live({ a: 'ready' });
    expect(play.see(two, 0, { doubt })).toEqual(['port guard: b']);
    expect(play.holds).toEqual(['stable/ port port: b']);
    expect(play.pass(60_000)).toEqual(['read-sources g1']);
    expect(play.believed()).toBe('a');
  });

  it('adds it once the port fits', () => {
    const play = doubted();
    expect(play.see(two)).toEqual(['write g1: a, b']);
    expect(play.holds).toEqual([]);
  });

  it('adds it by an override, as long as it is a member', () => {
    const play = doubted();
    expect(play.take(word)).toEqual(['write g1: a, b']);
    play.confirmAll();
    expect(Object.keys(play.entry?.admitted ?? {})).toEqual([keyOf('b')]);
    play.see({ a: 'ready' }, 0, { doubt });
    expect(play.entry?.admitted).toEqual({});
  });

  it('holds beside a removal, each with its own word', () => {
    const play = doubted();
    expect(play.see({ a: 'not-ready', b: 'ready' }, 0, { doubt })).toEqual(['empty guard: a', 'prove a']);
    expect(play.holds).toEqual(['stable/ port port: b', 'stable/ empty: a']);
  });
});
