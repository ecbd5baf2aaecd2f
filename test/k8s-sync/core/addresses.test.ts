import { describe, expect, it } from 'vitest';
import { Play } from './play.js';

const two = { a: 'ready', b: 'ready' } as const;
const other = { app: 'other', key: 'other' };

describe('an address that another pod has now', () => {
  it('goes at once, without a drain, when its pod has vanished', () => {
    const play = Play.live(two);
    play.see({ a: 'ready' });
    expect(play.see({ a: 'ready', 'c@b': 'not-ready' }, 10)).toEqual(['write g1: a']);
  });

  it('goes at once when the other pod is ready there, though the old one is still listed', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'not-ready' });
    expect(play.written()).toEqual(['confirm g1 11']);
    expect(play.see({ a: 'ready', b: 'not-ready', 'c@b': 'ready' })).toEqual(['write g1: a, c@b']);
  });

  it('goes at once when the other pod is of another app, whose traffic it would get', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'not-ready' });
    expect(play.holds).toEqual(['stable/ empty: a']);
    expect(play.see({ 'c@a': 'ready' }, 10, other)).toContain('write g1: ');
  });

  it('goes at once when the other app was seen first', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ 'c@a': 'ready' }, 10, other);
    expect(play.see({})).toContain('write g1: ');
  });

  it('stays with a ready pod, whoever else is listed there', () => {
    const play = Play.live(two);
    expect(play.see({ 'c@a': 'ready' }, 10, other)).toEqual(['write g1 other.http: c@a']);
    expect(play.believed()).toBe('a, b');
  });

  it('is not decided between two pods that are both not ready', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'not-ready', 'c@a': 'not-ready' });
    expect(play.holds).toEqual(['stable/ empty: a']);
  });

  it('is none when the other pod listens on another port: several may share their node’s address', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'not-ready' });
    play.see({ 'c@a': 'ready' }, 10, { ...other, port: 9000 });
    expect(play.holds).toEqual(['stable/ empty: a']);
  });

  it('stays in a cluster that is not live', () => {
    const play = Play.live(two);
    play.breakWatch();
    expect(play.see({ a: 'ready', 'c@b': 'ready' })).toEqual(['write g1: a, b, c@b']);
  });
});
