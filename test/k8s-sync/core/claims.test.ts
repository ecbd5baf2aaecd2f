import { describe, expect, it } from 'vitest';
import { generationOf } from '../../../src/k8s-sync/core/index.js';
import { failure, Play, sliceOf, upstream } from './play.js';

describe('claims', () => {
  it('does not take the answer to an earlier claim for the answer to the present one', () => {
    const play = new Play();
    play.lead(1);
    play.take({ type: 'not-leading' });
    expect(play.lead(3)).toEqual(['claim g1 3']);
    expect(play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(1, 0), storeId: 's' })).toEqual([]);
    const old = {
      type: 'claim-failed',
      gateway: 'g1',
      generation: generationOf(1, 0),
      failure: failure('TIMEOUT'),
    } as const;
    play.take(old);
    expect(play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(3, 0), storeId: 's' })).toEqual([
      'read-sources g1',
    ]);
  });
});

describe('an instance that lost its store', () => {
  const two = { a: 'ready', b: 'ready' } as const;

  it('is claimed and filled anew when a write finds it unclaimed', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    expect(play.refused('UNCLAIMED')).toEqual(['claim g1 1']);
    expect(play.claimed('g1', '', { storeId: 'store-2' })).toEqual(['read-sources g1']);
    expect(play.pass(1000)).toEqual(['write g1: a, b, c']);
  });

  it('is claimed and filled anew when it confirms under another store’s name', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    const confirmed = {
      type: 'confirmed',
      gateway: 'g1',
      storeId: 'store-2',
      revision: 0,
      applied: true,
      lagging: [],
    } as const;
    expect(play.take(confirmed)).toEqual(['claim g1 1']);
    play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(1, 0), storeId: 'store-2' });
    expect(play.has('g1', '')).toEqual(['write g1: a, b, c']);
  });

  it('is claimed and filled anew as soon as it is known to have another store, and asks for nothing twice', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    expect(play.take({ type: 'other-store', gateway: 'g1', storeId: 'store-1' })).toEqual([]);
    const moved = { type: 'other-store', gateway: 'g1', storeId: 'store-2' } as const;
    expect(play.take(moved)).toEqual(['claim g1 1']);
    expect(play.take(moved)).toEqual([]);
    play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(1, 0), storeId: 'store-2' });
    expect(play.has('g1', '')).toEqual(['write g1: a, b, c']);
  });

  it('has no revisions in common with the former one: its own are confirmed by themselves', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    play.see({ ...two, c: 'ready', d: 'ready' });
    play.refused('UNCLAIMED');
    play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(1, 0), storeId: 'store-2' });
    play.startRevisionsAt('g1', 0);
    play.has('g1', '', { revision: 0 });
    play.pass(1000);
    expect(play.written('g1', 0, { storeId: 'store-2' })).toEqual(['confirm g1 1']);
    expect(play.confirmed('g1', 1, 0, 'store-2')).toEqual([]);
    expect(play.entry?.placed['g1']?.unconfirmed).toEqual([]);
  });

  it('leaves a claim that says the same store’s name as it was', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    play.lead(2);
    play.claimed('g1', 'a, b, c', { revision: 11 });
    expect(play.entry?.placed['g1']?.unconfirmed).toHaveLength(1);
  });
});

describe('a leader that was fenced', () => {
  it('asks for an epoch above the greater claim, and writes nothing more there', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'ready', b: 'ready' });
    expect(play.refused('STALE_GENERATION', 'g1', { presentEpoch: 7 })).toEqual(['renew-epoch above 7']);
    expect(play.pass(20_000)).toEqual([]);
    expect(play.see({ a: 'ready', b: 'ready', c: 'ready' })).toEqual([]);
  });

  it('is fenced at the claim too, and by an equal claim of another writer', () => {
    for (const code of ['STALE_GENERATION', 'CLAIM_CONFLICT']) {
      const play = new Play();
      play.lead(4);
      expect(play.claimRefused(code, { presentEpoch: 4 })).toEqual(['renew-epoch above 4']);
      expect(play.wait(20_000)).toEqual([]);
    }
  });

  it('still serves the other instances until its Lease says otherwise', () => {
    const play = Play.live({ a: 'ready' }, { gateways: ['g1', 'g2'] });
    play.see({ a: 'ready', b: 'ready' });
    play.refused('STALE_GENERATION', 'g1', { presentEpoch: 7 });
    play.written('g2');
    expect(play.see({ a: 'ready', b: 'ready', c: 'ready' })).toEqual(['write g2: a, b, c']);
  });
});

describe('leading', () => {
  it('claims before the first write, and reads what is there', () => {
    const play = new Play();
    play.list({ [upstream]: sliceOf({ a: 'ready' }) });
    expect(play.lead(3)).toEqual(['claim g1 3']);
    expect(play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(3, 0), storeId: 's' })).toEqual([
      'read-sources g1',
    ]);
    expect(play.has('g1', '')).toEqual(['write g1: a']);
    expect(play.inFlight().generation).toBe(generationOf(3, 1));
  });

  it('is all that decides: before it and after it nothing is held, and no proof is asked for', () => {
    const play = Play.live({ a: 'ready', b: 'ready' });
    play.take({ type: 'not-leading' });
    expect(play.see({ a: 'not-ready', b: 'not-ready' })).toEqual([]);
    expect(play.holds).toEqual([]);
    play.lead(2);
    expect(play.claimed('g1', 'a, b')).toContain('empty guard: a, b');
  });

  it('tries a claim that failed again, later and later', () => {
    const play = new Play();
    play.lead(1);
    expect(play.claimRefused('UNREACHABLE')).toEqual([]);
    expect(play.wait(250)).toEqual(['claim g1 1']);
    play.claimRefused('STORE_UNAVAILABLE', { retryAfterMs: 3000 });
    expect(play.wait(2999)).toEqual([]);
    expect(play.wait(1)).toEqual(['claim g1 1']);
  });

  it('writes nothing when it ends, nor takes the answer to a write from before', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'ready', b: 'ready' });
    play.take({ type: 'not-leading' });
    expect(play.see({ a: 'ready', b: 'ready', c: 'ready' })).toEqual([]);
    expect(play.written()).toEqual([]);
    expect(play.believed()).toBe('a');
  });
});
