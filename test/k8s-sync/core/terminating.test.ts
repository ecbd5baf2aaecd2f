import { describe, expect, it } from 'vitest';
import { Play } from './play.js';

const two = { a: 'ready', b: 'ready' } as const;

describe('a terminating pod', () => {
  it('is drained at once, though adds wait for their confirmation', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    expect(play.see({ a: 'ready', b: 'terminating', c: 'ready' })).toEqual(['write g1: a, b drain, c']);
  });

  it('is drained in the write that adds its replacement', () => {
    const play = Play.live({ a: 'ready' });
    expect(play.see({ a: 'terminating', b: 'ready' })).toEqual(['write g1: a drain, b']);
  });

  it('stays up while it serves when nobody else of its group would', () => {
    const play = Play.live({ a: 'ready' });
    expect(play.see({ a: 'terminating' })).toEqual([]);
    expect(play.see({ a: 'ended' })).toEqual(['empty guard: a', 'prove a']);
    expect(play.proof({ a: 'terminating' })).toEqual(['write g1: a drain']);
  });

  it('stays up with all others that terminate at once, and goes with the first that stops to serve', () => {
    const play = Play.live(two);
    expect(play.see({ a: 'terminating', b: 'terminating' })).toEqual([]);
    expect(play.see({ a: 'ended', b: 'terminating' })).toEqual(['write g1: a drain, b']);
  });

  it('stays up when the only other one is missing from the slices', () => {
    const play = Play.live(two);
    play.see({ a: 'ready' });
    expect(play.see({ a: 'terminating' }, 100)).toEqual([]);
  });

  it('counts the other colors as others', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ b: 'ready' }, 0, { key: 'gray', color: 'gray' });
    play.confirmAll();
    expect(play.see({ a: 'terminating' })).toEqual([]);
    expect(play.believed()).toBe('a, b/gray');
  });

  it('is drained at once when it has vanished, and deleted after its grace', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'terminating' });
    play.written();
    play.see({ a: 'ready' });
    play.confirmed();
    expect(play.pass(1000)).toEqual(['write g1: a']);
  });
});

describe('a pod that vanished without a word', () => {
  it('is held for 2 s: endpoints move between slices', () => {
    const play = Play.live(two);
    expect(play.see({ a: 'ready' })).toEqual([]);
    expect(play.wait(1999)).toEqual([]);
    expect(play.wait(1)).toEqual(['write g1: a, b drain']);
  });

  it('is not gone when it stands in another slice before', () => {
    const play = Play.live(two);
    play.see({ a: 'ready' });
    play.see({ b: 'ready' }, 1999, { key: 'other' });
    expect(play.pass(10_000)).toEqual([]);
  });

  it('has its time anew when it vanishes again', () => {
    const play = Play.live(two);
    play.see({ a: 'ready' });
    play.see(two, 1500);
    play.see({ a: 'ready' }, 100);
    expect(play.wait(1999)).toEqual([]);
    expect(play.wait(1)).toEqual(['write g1: a, b drain']);
  });

  it('has its time as well when no slice ever had it', () => {
    const play = Play.live({ a: 'ready' });
    play.take({ type: 'timer', name: 'drift g1' });
    expect(play.has('g1', 'a, z')).toEqual([]);
    expect(play.wait(1999)).toEqual([]);
    expect(play.wait(1)).toEqual(['write g1: a, z drain']);
  });

  it('goes at once when it was terminating before', () => {
    const play = Play.live({ a: 'ready', b: 'ready' });
    play.breakWatch();
    play.see({ a: 'ready', b: 'terminating' });
    play.see({ a: 'ready' });
    play.reconnect();
    play.beat();
    expect(play.beat()).toEqual(['suspect -> live', 'write g1: a, b drain']);
  });
});
