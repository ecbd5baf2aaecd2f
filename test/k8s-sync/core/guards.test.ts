import { describe, expect, it } from 'vitest';
import { Play, upstream } from './play.js';

const four = { a: 'ready', b: 'ready', c: 'ready', d: 'ready' } as const;
const halfGone = { a: 'ready', b: 'ready', c: 'not-ready', d: 'not-ready' } as const;

describe('the shrink guard', () => {
  it.each([
    [2, 1, 'passes'],
    [3, 2, 'passes'],
    [4, 2, 'passes'],
    [5, 3, 'holds'],
    [6, 3, 'passes'],
    [7, 4, 'holds'],
    [10, 5, 'passes'],
    [10, 6, 'holds'],
  ])('of %i servers, when %i turn not ready, %s', (all, lost, what) => {
    const names = 'abcdefghij'.slice(0, all).split('');
    const play = Play.live(Object.fromEntries(names.map((name) => [name, 'ready'])));
    const [told = ''] = play.see(
      Object.fromEntries(names.map((name, index) => [name, index < lost ? 'not-ready' : 'ready'])),
    );
    expect(told.startsWith('write') ? 'passes' : told.startsWith('shrink guard') ? 'holds' : told).toBe(what);
  });

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
describe('the empty guard', () => {
  const two = { a: 'ready', b: 'ready' } as const;
  const held = (): Play => {
    const play = Play.live(two);
    expect(play.see({ a: 'not-ready', b: 'not-ready' })).toEqual(['empty guard: a, b', 'prove a, b']);
    return play;
  };

  it('keeps pods that all turn not ready at once', () => {
    const play = held();
    play.proof({ a: 'alive', b: 'alive' });
    expect(play.believed()).toBe('a, b');
    expect(play.holds).toEqual(['stable/ empty: a, b']);
  });

  it.each<[string, Parameters<Play['proof']>, string]>([
    ['both pods are gone', [{ a: 'gone', b: 'gone' }], 'write g1: '],
    ['both pods terminate', [{ a: 'terminating', b: 'terminating' }], 'write g1: a drain, b drain'],
    ['both pods have finished', [{ a: 'finished', b: 'finished' }], 'write g1: a drain, b drain'],
    ['each is proven its own way', [{ a: 'gone', b: 'terminating' }], 'write g1: b drain'],
    ['their Service is gone', [{ a: 'alive', b: 'alive' }, ['default/shop']], 'write g1: a drain, b drain'],
  ])('lets go when %s', (_what, proof, write) => {
    expect(held().proof(...proof)).toEqual([write]);
  });

  it.each<[string, Parameters<Play['proof']>]>([
    ['one of them is alive', [{ a: 'terminating', b: 'alive' }]],
    ['another Service is gone', [{ a: 'alive', b: 'alive' }, ['default/other']]],
    ['nothing could be seen', [{}]],
  ])('holds on when %s', (_what, proof) => {
    const play = held();
    expect(play.proof(...proof)).toEqual([]);
    expect(play.holds).toEqual(['stable/ empty: a, b']);
  });

  it('looks again with growing pauses while it holds, and after a look that failed', () => {
    const play = held();
    const asked: number[] = [];
    const start = play.now;
    for (let look = 0; look < 8; look += 1) {
      if (look % 2 === 0) play.proof({ a: 'alive', b: 'alive' });
      else play.take({ type: 'proof-failed', upstream, reason: 'no answer' });
      while (!play.pass(50).includes('prove a, b'))
        if (play.now > start + 600_000) throw new Error('never asked again');
      asked.push(play.now - start);
    }
    const pauses = asked.slice(1).map((at, index) => at - asked[index]!);
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0]! * 4);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(10_100);
  });

  it('asks at once when the hold grows', () => {
    const play = Play.live({ ...two, c: 'ready' });
    play.see({ a: 'not-ready', b: 'not-ready', c: 'terminating' });
    play.proof({ a: 'alive', b: 'alive' });
    expect(play.see({ a: 'not-ready', b: 'not-ready', c: 'ended' })).toEqual(['empty guard: a, b, c', 'prove a, b, c']);
  });

  it('is over when the pods are ready again, and looks no more', () => {
    const play = held();
    play.proof({ a: 'alive', b: 'alive' });
    expect(play.see(two)).toEqual([]);
    expect(play.holds).toEqual([]);
    expect(play.pass(30_000)).toEqual([]);
  });

  it('holds when all nodes are lost together, whatever upstreams their pods are in', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'ready' }, 0, { app: 'other', key: 'other' });
    play.confirmAll();
    expect(play.see({ a: 'not-ready', b: 'not-ready' })).toEqual(['empty guard: a, b', 'prove a, b']);
    play.proof({ a: 'alive', b: 'alive' });
    expect(play.pass(120_000).filter((text) => text.startsWith('write'))).toEqual([]);
  });

  it('does not forget what it holds when the cluster was not seen for a while', () => {
    const play = held();
    play.proof({ a: 'alive', b: 'alive' });
    play.wait(5000);
    expect(play.holds).toEqual([]);
    expect(play.beat()).toEqual(['suspect -> live', 'empty guard: a, b']);
    expect(play.holds).toEqual(['stable/ empty: a, b']);
  });
});

describe('the gateway’s own guard', () => {
  it('is lifted with the same proof', () => {
    const play = Play.live({ a: 'ready', b: 'ready', c: 'ready', d: 'ready' });
    const ended = { a: 'ready', b: 'ended', c: 'ended', d: 'ended' } as const;
    expect(play.see(ended)).toEqual(['write g1: a, b drain, c drain, d drain']);
    expect(play.refused('SHRINK_GUARD')).toEqual(['shrink guard: b, c, d', 'prove b, c, d']);
    play.proof({ b: 'terminating', c: 'terminating', d: 'terminating' });
    expect(play.pass(1000)).toEqual(['write g1: a, b drain, c drain, d drain (forced)']);
    expect(play.inFlight().force).toMatchObject({ actor: 'k8s-sync' });
  });

  it('does not hold up what is added', () => {
    const play = Play.live(four);
    play.see({ a: 'ready', b: 'ended', c: 'ended', d: 'ended' });
    play.refused('SHRINK_GUARD');
    play.see({ a: 'ready', b: 'ended', c: 'ended', d: 'ended', e: 'ready' });
    expect(play.pass(1000)).toEqual(['write g1: a, b, c, d, e']);
  });

  it('is tried again when its window has passed', () => {
    const play = Play.live(four);
    play.see(halfGone);
    play.refused('SHRINK_GUARD');
    play.proof({ c: 'alive', d: 'alive' });
    expect(play.pass(59_900)).not.toContain('write g1: a, b, c drain, d drain');
    expect(play.pass(200)).toContain('write g1: a, b, c drain, d drain');
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
