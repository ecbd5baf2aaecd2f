import { describe, expect, it } from 'vitest';
import { epochOf } from '../../../src/k8s-sync/core/index.js';
import { Play } from './play.js';

const two = { a: 'ready', b: 'ready' } as const;

describe('writes', () => {
  it('go to an upstream one at a time; the next carries the newest', () => {
    const play = Play.live(two);
    expect(play.see({ ...two, c: 'ready' })).toEqual(['write g1: a, b, c']);
    expect(play.see({ ...two, c: 'ready', d: 'ready' })).toEqual([]);
    expect(play.see({ ...two, c: 'ready', e: 'ready' })).toEqual([]);
    expect(play.written()).toEqual(['confirm g1 11', 'write g1: a, b, c, e']);
  });

  it('do not wait for other upstreams, nor for other instances', () => {
    const play = Play.live(two, { gateways: ['g1', 'g2'] });
    play.see({ ...two, c: 'ready' });
    play.written('g2');
    expect(play.see({ ...two, c: 'ready', d: 'ready' })).toEqual(['write g2: a, b, c, d']);
    expect(play.see({ e: 'ready' }, 0, { app: 'other', key: 'other' })).toEqual([
      'write g1 other.http: e',
      'write g2 other.http: e',
    ]);
  });

  it('carry generations that grow within the epoch', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    const first = BigInt(play.inFlight().generation);
    play.written();
    play.see({ ...two, c: 'ready', d: 'ready' });
    expect(BigInt(play.inFlight().generation)).toBeGreaterThan(first);
    expect(epochOf(play.inFlight().generation)).toBe(1);
  });

  it.each(['STORE_UNAVAILABLE', 'RATE_LIMITED', 'INVALID_SERVER', 'NOT_OWNER'])(
    'that fail with %s are tried again, and lose no server',
    (code) => {
      const play = Play.live(two);
      play.see({ ...two, c: 'ready' });
      expect(play.refused(code)).toEqual([]);
      expect(play.believed()).toBe('a, b');
      expect(play.pass(250)).toEqual(['write g1: a, b, c']);
    },
  );

  it('wait as long as the gateway asks for', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.refused('RATE_LIMITED', 'g1', { retryAfterMs: 3000 });
    expect(play.wait(2999)).toEqual([]);
    expect(play.wait(1)).toEqual(['write g1: a, b, c']);
  });

  it('wait longer each time, up to 10 s, and carry the newest', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      play.refused('STORE_UNAVAILABLE');
      const from = play.now;
      while (play.pass(10).length === 0) if (play.now > from + 20_000) throw new Error('never tried again');
      waits.push(play.now - from);
    }
    expect(waits[0]).toBeLessThanOrEqual(260);
    expect(waits.at(-1)).toBeGreaterThan(4000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_010);
  });

  it('read what is there when their generation was used for other servers', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.refused('GENERATION_CONFLICT');
    expect(play.pass(1000)).toEqual(['read g1']);
    expect(play.read('g1', 'a, b')).toEqual(['write g1: a, b, c']);
  });

  it('read what is there when a guard refuses the one that overtakes a late one: that may have arrived', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'ready', c: 'ready' });
    play.refused('TIMEOUT', 'g1', { uncertain: true });
    play.see({ a: 'ready', c: 'not-ready' });
    play.pass(500);
    expect(play.read('g1', 'a')).toEqual(['write g1: a']);
    play.refused('SHRINK_GUARD');
    expect(play.pass(1000)).toEqual(['read g1']);
    expect(play.read('g1', 'a, c')).toEqual(['write g1: a, c', 'shrink guard: c', 'prove c']);
  });

  it('forget an upstream that has neither members nor servers', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'ended' });
    play.proof({ a: 'gone' });
    play.take({ type: 'slices', changes: [{ kind: 'removed', key: 'shop.http', resourceVersion: '900' }] });
    play.confirmAll();
    expect(play.believed()).toBe('');
    expect(play.entry).toBeUndefined();
  });
});
