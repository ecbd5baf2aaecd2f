import { describe, expect, it } from 'vitest';
import { Play, upstream } from './play.js';

const four = { a: 'ready', b: 'ready', c: 'ready', d: 'ready' } as const;
const halfGone = { a: 'ready', b: 'ready', c: 'not-ready', d: 'not-ready' } as const;

describe('the shrink guard', () => {
  it('counts a server once, at however many gateways it goes', () => {
    const play = Play.live(four, { gateways: ['g1', 'g2', 'g3'] });
    expect(play.see(halfGone)).toEqual([
      'write g1: a, b, c drain, d drain',
      'write g2: a, b, c drain, d drain',
      'write g3: a, b, c drain, d drain',
    ]);
  });

  it('counts a server once, however often its removal is tried', () => {
    const play = Play.live(four);
    play.see(halfGone);
    expect(play.refused('STORE_UNAVAILABLE')).toEqual([]);
    expect(play.pass(1000)).toEqual(['write g1: a, b, c drain, d drain']);
  });

  it('holds what would go within a minute of what went before', () => {
    const play = Play.live(four);
    play.see(halfGone);
    play.confirmAll();
    expect(play.see({ ...halfGone, b: 'not-ready' }, 2000)).toEqual(['shrink guard: b', 'prove b']);
    expect(play.holds).toEqual(['stable/ shrink: b']);
  });

  it('forgets what went more than a minute before, and what came back', () => {
    const play = Play.live(four);
    play.see(halfGone);
    play.confirmAll();
    play.see(four, 2000);
    play.confirmAll();
    expect(play.see({ ...four, a: 'not-ready', b: 'not-ready' }, 2000)).toEqual(['write g1: a drain, b drain, c, d']);
  });
});
describe('an override', () => {
  it('lets go what the guards hold, at every gateway', () => {
    const play = Play.live(four, { gateways: ['g1', 'g2'] });
    play.see({ a: 'not-ready', b: 'not-ready', c: 'not-ready', d: 'not-ready' });
    expect(play.holds).toEqual(['stable/ empty: a, b, c, d']);
    expect(play.take({ type: 'override', upstream, reason: 'the rack is off', actor: 'me' })).toEqual([
      'write g1: a drain, b drain, c drain, d drain (forced)',
      'write g2: a drain, b drain, c drain, d drain (forced)',
    ]);
  });

  const word = { type: 'override', upstream, reason: 'the rack is off', actor: 'me' } as const;

  it('is said once: it does nothing when nothing is held, and nothing for what is held later', () => {
    const play = Play.live(four);
    expect(play.take(word)).toEqual([]);
    play.see({ a: 'not-ready', b: 'not-ready', c: 'not-ready', d: 'not-ready' });
    play.take(word);
    play.confirmAll();
    play.see(four);
    play.confirmAll();
    play.see({ a: 'not-ready', b: 'not-ready', c: 'not-ready', d: 'not-ready' });
    expect(play.holds).toEqual(['stable/ empty: a, b, c, d']);
  });
});
