import { describe, expect, it } from 'vitest';
import { Play, sliceOf, upstream } from './play.js';

const live = () => Play.live({ a: 'ready', b: 'ready' });

describe('the heartbeat', () => {
  it.each([
    [0, 'live'],
    [4499, 'live'],
    [4500, 'suspect'],
    [9999, 'suspect'],
    [10_000, 'frozen'],
    [3_600_000, 'frozen'],
  ])('of %i ms ago leaves the cluster %s', (ageMs, phase) => {
    const play = live();
    play.wait(ageMs);
    expect(play.state.health.phase).toBe(phase);
  });

  it('brings a suspect cluster straight back to live', () => {
    const play = live();
    play.wait(9999);
    expect(play.beat()).toEqual(['suspect -> live']);
  });

  it.each([
    ['suspect', 5000],
    ['frozen', 15_000],
  ])('that is missing lets a %s cluster add what it sees, and lose nothing', (_phase, ageMs) => {
    const play = live();
    play.wait(ageMs);
    expect(play.see({ a: 'ended', c: 'ready' })).toEqual(['write g1: a, b, c']);
    play.confirmAll();
    expect(play.wait(60_000)).not.toContain('write g1: a, c');
    expect(play.believed()).toBe('a, b, c');
  });

  it('takes the time that has passed into account before anything else: a process that stood still decides nothing', () => {
    const play = live();
    expect(play.see({ a: 'ready', b: 'not-ready' }, 30_000)).toEqual(['live -> frozen']);
    expect(play.state.health.phase).toBe('frozen');
  });
});

describe('a standby that begins to lead', () => {
  const standby = (): Play => {
    const play = new Play();
    play.list({ [upstream]: sliceOf({ a: 'ready' }) }, 200);
    return play;
  };

  it('asks for a new list with its first heartbeat: nobody vouched for the stream that long', () => {
    const play = standby();
    expect(play.beat(300, 10_000)).toEqual(['relist']);
    expect(play.state.health.phase).toBe('syncing');
    expect(play.list({ [upstream]: sliceOf({ a: 'ready' }) }, 301)).toEqual(['syncing -> live']);
  });

  it('is live with its first heartbeat when the list is fresh', () => {
    expect(standby().beat(300, 9999)).toEqual(['syncing -> live']);
  });

  it('notices that etcd was restored before its first heartbeat', () => {
    expect(standby().beat(150, 1000)).toEqual(['relist']);
  });
});

describe('the way out of frozen', () => {
  it('leads through a new complete list, and a list that is older than what was seen is none', () => {
    const play = live();
    play.see({ a: 'ready', b: 'ready' }, 0, { version: 300 });
    expect(play.wait(10_000)).toEqual(['live -> suspect', 'suspect -> frozen']);
    expect(play.beat(301)).toEqual(['frozen -> syncing', 'relist']);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready' }) }, 290)).toEqual([]);
    expect(play.beat(302)).toEqual(['relist']);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ended' }) }, 303)).toEqual([
      'syncing -> live',
      'write g1: a, b drain',
    ]);
  });
});

describe('the way out of syncing', () => {
  it('needs a fresh heartbeat beside the list', () => {
    const play = new Play();
    play.beat(300);
    expect(play.wait(4500)).toEqual([]);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready' }) }, 301)).toEqual([]);
    expect(play.state.health.phase).toBe('syncing');
    expect(play.beat(302)).toEqual(['syncing -> live']);
  });
});

describe('a heartbeat whose resource version went back', () => {
  it('says that etcd was restored: all sight is void until there is a new list', () => {
    const play = live();
    play.beat(500);
    expect(play.beat(499, 2000)).toEqual(['live -> syncing', 'relist']);
    expect(play.see({ a: 'ready', b: 'ended' }, 0, { version: 501 })).toEqual([]);
    expect(play.beat(502, 2000)).toEqual([]);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ended' }) }, 503)).toEqual([
      'syncing -> live',
      'write g1: a, b drain',
    ]);
  });

  it('is one as well that says that a former heartbeat is lost, whatever the versions say', () => {
    const play = live();
    play.beat(500);
    const lost = { type: 'heartbeat', resourceVersion: '900', lostWrite: true } as const;
    expect(play.take(lost, 2000)).toEqual(['live -> syncing', 'relist']);
  });

  it('is one as well that is behind the slices that were seen before the last one', () => {
    const play = live();
    play.see({ a: 'ready', b: 'ready' }, 0, { version: 900 });
    play.beat(901);
    play.see({ a: 'ready', b: 'ready' }, 0, { version: 950 });
    // The slice's version came while the heartbeat was on its way.
    expect(play.beat(949)).toEqual([]);
    expect(play.beat(949)).toEqual(['live -> syncing', 'relist']);
  });
});

describe('a process that stood still', () => {
  it('adds nothing that what came meanwhile takes back', () => {
    const play = live();
    play.see({ a: 'ready', b: 'ready', c: 'ready' });
    play.refused('STORE_UNAVAILABLE');
    expect(play.see({ a: 'ready', b: 'ready', c: 'terminating' }, 30_000)).toEqual(['live -> frozen']);
  });
});

describe('the watch', () => {
  it('counts as caught up, when it was taken up again, with the second heartbeat', () => {
    const play = live();
    expect(play.breakWatch()).toEqual(['live -> suspect']);
    expect(play.reconnect(500)).toEqual([]);
    expect(play.beat()).toEqual([]);
    expect(play.beat()).toEqual(['suspect -> live']);
  });

  it('counts as caught up at once after a complete list', () => {
    const play = live();
    play.breakWatch();
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ready' }) })).toEqual(['suspect -> live']);
  });

  it('starts to catch up anew when it breaks again', () => {
    const play = live();
    play.breakWatch();
    play.reconnect();
    play.beat();
    play.breakWatch();
    play.reconnect();
    expect(play.beat()).toEqual([]);
    expect(play.beat()).toEqual(['suspect -> live']);
  });

  it('does not let an endpoint go that moved to another slice while the watch was broken', () => {
    const play = live();
    play.see({ a: 'ready' });
    play.breakWatch(100);
    play.reconnect(3000);
    expect(play.see({ b: 'ready' }, 20, { key: 'other' })).toEqual([]);
    play.beat();
    expect(play.beat()).toEqual(['suspect -> live']);
    expect(play.believed()).toBe('a, b');
  });

  it('takes what comes without a version: not the slice has changed, but something that belongs to it', () => {
    const play = live();
    const slice = sliceOf({ a: 'ready', b: 'ready', c: 'ready' });
    const joined = { kind: 'upserted', key: upstream, slice, resourceVersion: '' } as const;
    expect(play.take({ type: 'slices', changes: [joined, joined] })).toEqual(['write g1: a, b, c']);
    play.confirmAll();
    expect(play.see({ a: 'ready', b: 'ready' }, 0, { version: 1 })).toEqual([]);
    expect(Object.keys(play.entry?.members ?? {})).toHaveLength(3);
  });

  it('does not believe a list that is older than what it has seen, nor events that it has seen already', () => {
    const play = live();
    play.see({ a: 'ready', b: 'ready', c: 'ready' }, 0, { version: 200 });
    play.confirmAll();
    play.breakWatch();
    const old = { [upstream]: sliceOf({ a: 'ready', b: 'ready' }) };
    expect(play.list(old, 190)).toEqual([]);
    expect(play.see({ a: 'ready', b: 'not-ready' }, 10, { version: 195 })).toEqual([]);
    expect(Object.keys(play.entry?.members ?? {})).toHaveLength(3);
    expect(play.see({ a: 'ready', b: 'not-ready', c: 'ready' }, 10, { version: 201 })).toEqual([]);
  });

  it('asks for another list with the next heartbeat when one was older than what it has seen', () => {
    const play = live();
    play.see({ a: 'ready', b: 'ready', c: 'ready' }, 0, { version: 200 });
    play.confirmAll();
    play.breakWatch();
    play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ready' }) }, 190);
    expect(play.beat(202)).toEqual(['suspect -> syncing', 'relist']);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ready' }) }, 195)).toEqual([]);
    expect(play.beat(203)).toEqual(['relist']);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ready' }) }, 204)).toEqual(['syncing -> live']);
    expect(play.pass(2000)).toEqual(['write g1: a, b, c drain']);
  });

  it('believes the list of a restored etcd, once a heartbeat has said that it was restored', () => {
    const play = live();
    play.see({ a: 'ready', b: 'ready', c: 'ready' }, 0, { version: 200 });
    play.confirmAll();
    expect(play.beat(50)).toEqual(['live -> syncing', 'relist']);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ready' }) }, 60)).toEqual(['syncing -> live']);
    expect(play.pass(2000)).toEqual(['write g1: a, b, c drain']);
  });
});

describe('an operator', () => {
  it('freezes a cluster: it adds and loses nothing until it is let go', () => {
    const play = live();
    expect(play.take({ type: 'freeze' })).toEqual([]);
    expect(play.see({ a: 'ready', b: 'ended', c: 'ready' })).toEqual(['write g1: a, b, c']);
    play.confirmAll();
    expect(play.pass(60_000)).toEqual(['read-sources g1']);
    expect(play.take({ type: 'unfreeze' })).toEqual(['write g1: a, b drain, c']);
  });

  it('has all read anew: until the list is there, nothing goes', () => {
    const play = live();
    expect(play.take({ type: 'resync' })).toEqual(['live -> suspect', 'relist', 'read-sources g1']);
    expect(play.see({ a: 'ready', b: 'ended' })).toEqual([]);
    expect(play.list({ [upstream]: sliceOf({ a: 'ready', b: 'ended' }) })).toEqual([
      'suspect -> live',
      'write g1: a, b drain',
    ]);
  });
});
