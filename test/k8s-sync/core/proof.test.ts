import { describe, expect, it } from 'vitest';
import { Play, sliceOf, upstream } from './play.js';

const two = { a: 'ready', b: 'ready' } as const;

describe('a pod that is proven gone', () => {
  it('is let go at once, though a slice has it still', () => {
    const play = Play.live(two);
    play.see({ a: 'not-ready', b: 'not-ready' });
    expect(play.proof({ a: 'gone', b: 'alive' })).toEqual(['write g1: b', 'empty guard: b', 'prove b']);
    play.confirmAll();
    expect(play.see({ a: 'ready', b: 'not-ready' })).toEqual([]);
  });

  it('may be there again in an etcd that was restored', () => {
    const play = Play.live(two);
    play.see({ a: 'not-ready', b: 'not-ready' });
    play.proof({ a: 'gone', b: 'alive' });
    play.confirmAll();
    play.beat(50);
    play.list({ [upstream]: sliceOf({ a: 'ready', b: 'not-ready' }) }, 60);
    expect(play.inFlight().servers).toHaveLength(2);
    play.confirmAll();
    play.see({ a: 'not-ready', b: 'not-ready' }, 0, { version: 61 });
    expect(play.holds).toEqual(['stable/ empty: a']);
  });

  it('may be there again when etcd was restored while the look was under way', () => {
    const play = Play.live(two);
    play.see({});
    expect(play.pass(2000)).toContain('prove a, b');
    play.beat(50);
    play.list({ [upstream]: sliceOf(two) }, 60);
    play.proof({ a: 'gone', b: 'gone' });
    play.confirmAll();
    expect(play.believed()).toBe('a, b');
    expect(play.holds).toEqual([]);
  });
});
