import { describe, expect, it } from 'vitest';
import { failure, Play, serversOf, upstream } from './play.js';

const two = { a: 'ready', b: 'ready' } as const;
const drift = (play: Play) => play.take({ type: 'timer', name: 'drift g1' });

describe('a look at a gateway', () => {
  it('repairs what differs: adds at once, removals by the rules', () => {
    const play = Play.live(two);
    expect(drift(play)).toEqual(['read-sources g1']);
    expect(play.has('g1', 'a, c')).toEqual(['write g1: a, b, c']);
    expect(play.confirmAll()).toEqual([]);
    expect(play.pass(2000)).toEqual(['write g1: a, b, c drain']);
  });

  it('finds nothing to write when all is as it should be', () => {
    const play = Play.live(two);
    drift(play);
    expect(play.has('g1', 'a, b')).toEqual([]);
  });

  it('is not believed of an upstream that was emptied and has nothing left since it was asked for', () => {
    const play = Play.live({ a: 'ready' });
    drift(play);
    play.see({ a: 'ended' });
    play.proof({ a: 'gone' });
    play.take({ type: 'slices', changes: [{ kind: 'removed', key: upstream, resourceVersion: '900' }] });
    play.confirmAll();
    expect(play.has('g1', 'a')).toEqual([]);
    expect(play.believed()).toBe('');
    expect(play.entry).toBeUndefined();
  });

  it('is not believed of an upstream that was written since it was asked for', () => {
    const play = Play.live(two);
    drift(play);
    const look = play.look('g1');
    play.see({ ...two, c: 'ready' });
    play.confirmAll();
    expect(play.has('g1', 'a, b', { look })).toEqual([]);
    expect(play.believed()).toBe('a, b, c');
  });

  it('is not believed of an upstream whose write was under way when it was asked for', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    drift(play);
    const look = play.look('g1');
    play.written();
    expect(play.has('g1', 'a, b', { look })).toEqual([]);
    expect(play.believed()).toBe('a, b, c');
  });

  it('is not believed when it was asked for before the present claim', () => {
    const play = Play.live(two);
    drift(play);
    const look = play.look('g1');
    play.lead(2);
    play.take({ type: 'claimed', gateway: 'g1', generation: String(2n << 32n), storeId: 'store-1' });
    expect(play.has('g1', 'a', { look })).toEqual([]);
    expect(play.state.instances['g1']?.stage).toBe('reading');
    expect(play.has('g1', 'a, b')).toEqual(['confirm g1 10']);
    expect(play.state.instances['g1']?.stage).toBe('claimed');
  });

  it('is followed by a look at what was being written after a new claim: its outcome may be the former store’s', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    const { generation } = play.inFlight();
    play.take({ type: 'confirmed', gateway: 'g1', storeId: 'store-2', revision: 10, applied: true, lagging: [] });
    play.claimed('g1', '', { storeId: 'store-2' });
    play.take({ type: 'write-failed', gateway: 'g1', upstream, generation, failure: failure('STORE_UNAVAILABLE') });
    expect(play.pass(1000)).toEqual(['read g1']);
    expect(play.read('g1', '')).toEqual(['write g1: a, b, c']);
  });
});

describe('a write whose outcome is not known', () => {
  const uncertain = (): Play => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.refused('TIMEOUT', 'g1', { uncertain: true });
    expect(play.pass(1000)).toEqual(['read g1']);
    return play;
  };

  it('is read before the next one', () => {
    const play = uncertain();
    expect(play.see({ ...two, c: 'ready', d: 'ready' })).toEqual([]);
    expect(play.read('g1', 'a, b')).toEqual(['write g1: a, b, c, d']);
  });

  it('is read again when that fails too', () => {
    const play = uncertain();
    const look = play.look('g1');
    play.take({ type: 'read-failed', gateway: 'g1', upstream, look, failure: failure('TIMEOUT') });
    expect(play.pass(2000)).toEqual(['read g1']);
  });

  it('is not settled by an earlier look that comes late', () => {
    const play = uncertain();
    const look = play.look('g1');
    play.lead(2);
    play.claimed('g1', 'a, b, c');
    play.see({ a: 'ready', b: 'ready', c: 'ready', d: 'ready' });
    play.take({ type: 'read', gateway: 'g1', upstream, look, servers: serversOf('a'), revision: 9 });
    expect(play.see({ a: 'ready', b: 'ready', c: 'ready', d: 'ready', e: 'ready' })).toEqual([]);
    expect(play.believed()).toBe('a, b, c');
  });

  it('is one as well when the gateway says another digest than was sent', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    expect(play.written('g1', 0, { digest: 'another' })).toEqual(['confirm g1 11', 'read g1']);
    expect(play.read('g1', 'a, b')).toEqual(['write g1: a, b, c']);
  });

  it('may still arrive after the look: the next write overtakes it, though nothing else has to be written', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.refused('TIMEOUT', 'g1', { uncertain: true });
    play.see(two);
    expect(play.pass(2500)).toEqual(['read g1']);
    expect(play.read('g1', 'a, b')).toEqual(['write g1: a, b']);
    play.confirmAll();
    expect(play.pass(10_000)).toEqual([]);
  });
});
