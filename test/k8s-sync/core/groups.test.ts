import { describe, expect, it } from 'vitest';
import { Play, upstream } from './play.js';

const four = { a: 'ready', b: 'ready', c: 'ready', d: 'ready' } as const;
const gray = { key: 'gray', color: 'gray' };

describe('a group of servers: one color and service chain', () => {
  it('is guarded by itself: what goes from one does not hold another', () => {
    const play = Play.live(four);
    play.see({ e: 'ready', f: 'ready' }, 0, gray);
    play.confirmAll();
    expect(play.see({ e: 'not-ready', f: 'not-ready' }, 0, gray)).toEqual(['empty guard: e, f', 'prove e, f']);
    expect(play.see({ ...four, a: 'not-ready' })).toEqual(['write g1: a drain, b, c, d, e/gray, f/gray']);
    expect(play.holds).toEqual(['gray/ empty: e, f']);
  });

  it('loses a server whose color changes', () => {
    const play = Play.live(four);
    expect(play.see({ a: 'ready', b: 'ready', c: 'ready' }, 0, {})).toEqual([]);
    expect(play.see({ d: 'ready' }, 10, gray)).toEqual(['write g1: a, b, c, d/gray']);
  });

  it('is not emptied by a change of color: the servers keep the old one until an operator lets them go', () => {
    const play = Play.live(four);
    expect(play.see(four, 0, { color: 'gray' })).toEqual(['empty guard: a, b, c, d', 'prove a, b, c, d']);
    expect(play.see({ ...four, e: 'ready' }, 0, { color: 'gray' })).toEqual(['write g1: a, b, c, d, e/gray']);
    play.confirmAll();
    expect(play.take({ type: 'override', upstream, reason: 'they are gray now', actor: 'me' })).toEqual([
      'write g1: a/gray, b/gray, c/gray, d/gray, e/gray (forced)',
    ]);
  });

  it('keeps the old color of what it has while the cluster is not live', () => {
    const play = Play.live({ a: 'ready', b: 'ready', c: 'ready' });
    play.breakWatch();
    expect(play.see({ a: 'ready', b: 'ready' }, 0, {})).toEqual([]);
    expect(play.see({ c: 'ready', d: 'ready' }, 0, gray)).toEqual(['write g1: a, b, c, d/gray']);
  });

  it('waits out the gateway’s own guard when that counts otherwise', () => {
    const play = Play.live(four);
    play.see({ a: 'ready', b: 'ready', c: 'ready' });
    play.see({ d: 'ready' }, 10, gray);
    play.refused('SHRINK_GUARD');
    expect(play.holds).toEqual(['stable/ shrink: d']);
    expect(play.pass(59_000)).not.toContain('write g1: a, b, c, d/gray');
    expect(play.pass(2000)).toContain('write g1: a, b, c, d/gray');
  });
});
