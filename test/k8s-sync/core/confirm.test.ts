import { describe, expect, it } from 'vitest';
import { Play } from './play.js';

const two = { a: 'ready', b: 'ready' } as const;

describe('a drained server', () => {
  it('is deleted one grace after every worker has confirmed its drain, when no slice has it any more', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'ended' });
    play.written();
    play.see({ a: 'ready' });
    expect(play.pass(5000)).toEqual([]);
    play.confirmed();
    expect(play.pass(999)).toEqual([]);
    expect(play.pass(1)).toEqual(['write g1: a']);
  });

  it('stays as long as a slice has it', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'ended' });
    play.confirmAll();
    expect(play.pass(4000)).toEqual([]);
    expect(play.see({ a: 'ready' })).toEqual(['write g1: a']);
  });

  it('waits for the confirmation of its own drain, not of an earlier write', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    expect(play.written()).toEqual(['confirm g1 11']);
    play.see({ ...two, c: 'ended' });
    play.written();
    play.see(two);
    expect(play.confirmed('g1', 11)).toEqual(['confirm g1 12']);
    expect(play.pass(3000)).toEqual([]);
    play.confirmed('g1', 12);
    expect(play.pass(1000)).toEqual(['write g1: a, b']);
  });

  it('waits for its second drain when it was up in between', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'not-ready' });
    play.written();
    play.see(two);
    play.written();
    play.see({ a: 'ready', b: 'not-ready' });
    play.confirmed('g1', 12);
    play.written();
    play.see({ a: 'ready' });
    expect(play.pass(5000)).toEqual([]);
    play.confirmed('g1', 13);
    expect(play.pass(1000)).toEqual(['write g1: a']);
  });

  it('that a new leader finds waits for the confirmation too', () => {
    const play = Play.live(two);
    play.lead(2);
    expect(play.claimed('g1', 'a, b, c drain', { revision: 30 })).toEqual(['read-sources g1', 'confirm g1 30']);
    expect(play.pass(4000)).toEqual([]);
    play.confirmed('g1', 30);
    expect(play.pass(1000)).toEqual(['write g1: a, b']);
  });

  it('is up again at once when its pod is ready again', () => {
    const play = Play.live(two);
    play.see({ a: 'ready', b: 'not-ready' });
    play.written();
    expect(play.see(two)).toEqual(['write g1: a, b']);
  });
});

describe('a removal of our own choice', () => {
  const replaced = { a: 'not-ready', b: 'ready', c: 'ready' } as const;

  it('waits until every worker has what was added', () => {
    const play = Play.live(two);
    expect(play.see(replaced)).toEqual(['write g1: a, b, c']);
    expect(play.written()).toEqual(['confirm g1 11']);
    expect(play.confirmed()).toEqual(['write g1: a drain, b, c']);
  });

  it('waits as well when the add was only read back, after an outcome that nobody knew', () => {
    const play = Play.live(two);
    play.see(replaced);
    play.refused('TIMEOUT', 'g1', { uncertain: true });
    play.pass(1000);
    expect(play.read('g1', 'a, b, c', 11)).toEqual(['confirm g1 11', 'write g1: a, b, c']);
    expect(play.written('g1', 0, { changed: false })).toEqual([]);
    expect(play.confirmed()).toEqual(['write g1: a drain, b, c']);
  });

  it('waits as well when a former leader has added', () => {
    const play = Play.live({ b: 'ready', c: 'ready' });
    play.see(replaced);
    play.lead(2);
    expect(play.claimed('g1', 'a, b, c', { revision: 40 })).toEqual(['read-sources g1', 'confirm g1 40']);
    expect(play.confirmed()).toEqual(['write g1: a drain, b, c']);
  });
});

describe('confirmations', () => {
  it('are asked for one at a time, the next for the highest revision', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    expect(play.written()).toEqual(['confirm g1 11']);
    play.see({ ...two, c: 'ready', d: 'ready' });
    expect(play.written()).toEqual([]);
    play.see({ ...two, c: 'ready', d: 'ready', e: 'ready' });
    expect(play.written()).toEqual([]);
    expect(play.confirmed('g1', 11)).toEqual(['confirm g1 13']);
    expect(play.confirmed('g1', 13)).toEqual([]);
    expect(play.entry?.placed['g1']?.unconfirmed).toEqual([]);
  });

  it('are asked for again when a worker lags or the gateway does not answer', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    play.take({ type: 'confirmed', gateway: 'g1', storeId: 'store-1', revision: 11, applied: false, lagging: ['w2'] });
    expect(play.state.instances['g1']?.lagging).toEqual(['w2']);
    expect(play.pass(1000)).toEqual(['confirm g1 11']);
    play.confirmFailed();
    expect(play.pass(1000)).toEqual(['confirm g1 11']);
    play.confirmed();
    expect(play.state.instances['g1']?.lagging).toEqual([]);
  });

  it('are not needed for a write that changed nothing of what every worker has', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    expect(play.written('g1', 0, { changed: false })).toEqual([]);
    expect(play.entry?.placed['g1']?.unconfirmed).toEqual([]);
  });

  it('tell how long a change took from the slice to every worker', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' }, 10);
    play.written('g1', 40);
    play.confirmed('g1', 11, 60);
    expect(play.effects.at(-1)).toMatchObject({ type: 'propagated', ms: 100 });
  });
});
