import { describe, expect, it } from 'vitest';
import { lostTogether } from '../../../src/k8s-sync/core/nodes.js';
import { syncGuards } from '../../../src/k8s-sync/core/index.js';
import { Play, type Pods, upstream } from './play.js';

const names = (count: number): string[] => Array.from('abcdefghij'.slice(0, count));
const podsOf = (count: number, gone: Pods = {}): Pods => ({
  ...Object.fromEntries(names(count).map((name) => [name, 'ready'])),
  ...gone,
});
const allReady = (count: number) => Object.fromEntries(names(count).map((name) => [name, 'ready'] as const));

/** Ten pods on a node each, of which the first three turn not ready at once: no guard but that of the nodes holds them. */
function lostThree(): Play {
  const play = Play.live(podsOf(10));
  play.nodes(allReady(10));
  play.nodes({ ...allReady(10), a: 100, b: 110, c: 120 });
  play.see(podsOf(10, { a: 'not-ready', b: 'not-ready', c: 'not-ready' }));
  play.confirmAll();
  return play;
}

describe('nodes are lost together', () => {
  const lostOf = (readyCount: number, downSince: readonly number[]): string => {
    const ready = Object.fromEntries(names(readyCount).map((name) => [name, { ready: true, since: 0 }]));
    const down = downSince.map((at, index) => [`n${index}`, { ready: false, since: at * 1000 }] as const);
    return Object.keys(lostTogether({ ...ready, ...Object.fromEntries(down) }, syncGuards))
      .sort()
      .join(' ');
  };

  it.each<[string, number, number[], string]>([
    ['three of ten', 7, [0, 10, 20], 'n0 n1 n2'],
    ['two of seven', 5, [0, 10], ''],
    ['two of six', 4, [0, 10], 'n0 n1'],
    ['one of two', 1, [0], ''],
    ['the only one', 0, [0], ''],
    ['all three', 0, [0, 0, 0], 'n0 n1 n2'],
    ['three, each more than a window after the one before', 7, [0, 61, 122], ''],
    ['two within a window, and one long before', 4, [0, 1000, 1060], 'n1 n2'],
    ['four that overlap, any three within a window', 6, [0, 30, 60, 90], 'n0 n1 n2 n3'],
    ['two of the three that were still ready, of ten', 1, [0, 100, 200, 300, 400, 500, 600, 1000, 1001], 'n7 n8'],
    ['none', 3, [], ''],
  ])('%s', (_, readyCount, downSince, lost) => {
    expect(lostOf(readyCount, downSince)).toBe(lost);
  });
});

describe('the guard of nodes', () => {
  it('keeps the pods of nodes that are lost together, and says which nodes', () => {
    const play = Play.live(podsOf(10));
    play.nodes(allReady(10));
    expect(play.nodes({ ...allReady(10), a: 100, b: 110, c: 120 })).toEqual(['nodes lost: node-a, node-b, node-c']);
    expect(play.see(podsOf(10, { a: 'not-ready', b: 'not-ready', c: 'not-ready' }))).toEqual([
      'nodes guard: a, b, c',
      'prove a, b, c',
    ]);
    expect(play.holds).toEqual(['stable/ nodes: a, b, c']);
    expect(play.pass(600_000)).not.toContainEqual(expect.stringContaining('write'));
  });

  it('lets the pods of a single node go', () => {
    const play = Play.live(podsOf(10));
    play.nodes({ ...allReady(10), a: 100 });
    expect(play.see(podsOf(10, { a: 'not-ready' }))).toEqual(['write g1: a drain, b, c, d, e, f, g, h, i, j']);
  });

  it('lets a pod on another node go meanwhile', () => {
    const play = lostThree();
    expect(
      play.see(podsOf(10, { a: 'not-ready', b: 'not-ready', c: 'not-ready', d: 'not-ready', e: 'terminating' })),
    ).toEqual(['write g1: a, b, c, d drain, e drain, f, g, h, i, j']);
    expect(play.holds).toEqual(['stable/ nodes: a, b, c']);
  });

  it('keeps a pod up that is evicted from a lost node, for its kubelet does not hear of it', () => {
    const play = lostThree();
    const evicted = podsOf(10, { a: 'ended', b: 'not-ready', c: 'not-ready' });
    expect(play.see(evicted)).toEqual([]);
    expect(play.proof({ a: 'terminating', b: 'alive', c: 'alive' })).toEqual([]);
    expect(play.believed()).toBe('a, b, c, d, e, f, g, h, i, j');
  });

  it('drains what ends once its node is back, and keeps what is ready again', () => {
    const play = lostThree();
    play.see(podsOf(10, { a: 'ended', b: 'not-ready', c: 'not-ready' }));
    play.see(podsOf(10, { a: 'ended' }));
    expect(play.nodes(allReady(10))).toEqual(['nodes lost: ', 'write g1: a drain, b, c, d, e, f, g, h, i, j']);
    expect(play.holds).toEqual([]);
  });

  it('is lifted for what is proven gone or finished', () => {
    const play = lostThree();
    expect(play.proof({ a: 'gone', b: 'finished', c: 'alive' })).toContain('write g1: b drain, c, d, e, f, g, h, i, j');
    play.confirmAll();
    expect(play.holds).toEqual(['stable/ nodes: c']);
  });

  it('is lifted when the Service is gone, and by an override', () => {
    const gone = lostThree();
    expect(gone.proof({ a: 'alive', b: 'alive', c: 'alive' }, ['default/shop'])[0]).toMatch(/^write g1: a drain/);
    const word = { type: 'override', upstream, reason: 'the rack burns', actor: 'ann' } as const;
    expect(lostThree().take(word)[0]).toMatch(/^write g1: a drain, b drain, c drain, d.*forced/);
  });

  it('keeps what was lost when the nodes may not be seen any more', () => {
    const play = lostThree();
    expect(play.nodesChange({ kind: 'unseen', reason: 'forbidden' })).toEqual([]);
    expect(play.holds).toEqual(['stable/ nodes: a, b, c']);
  });

  it('deletes at once what lost its address to another pod', () => {
    const play = lostThree();
    const taken = podsOf(10, { a: 'not-ready', b: 'not-ready', c: 'not-ready', 'k@a': 'ready' });
    expect(play.see(taken)).toContain('write g1: b, c, d, e, f, g, h, i, j, k@a');
  });
});

describe('nodes that are yet to be seen', () => {
  const gone = podsOf(10, { a: 'not-ready', b: 'ended' });
  const awaited = (): Play => {
    const play = Play.live(podsOf(10));
    play.nodesChange({ kind: 'awaited' });
    return play;
  };

  it('are waited for before a pod goes that is not ready or has to end', () => {
    const play = awaited();
    expect(play.see(gone)).toEqual([]);
    expect(play.nodes(allReady(10))).toEqual(['write g1: a drain, b drain, c, d, e, f, g, h, i, j']);
  });

  it('are waited for no longer than their time, however often their watch breaks', () => {
    const play = awaited();
    play.see(gone);
    play.pass(9000);
    play.nodesChange({ kind: 'awaited' });
    expect(play.pass(900)).toEqual([]);
    expect(play.pass(200)).toEqual(['write g1: a drain, b drain, c, d, e, f, g, h, i, j']);
  });

  it('are not waited for where they may not be seen', () => {
    const play = awaited();
    play.see(gone);
    expect(play.nodesChange({ kind: 'unseen', reason: 'forbidden' })).toEqual([
      'write g1: a drain, b drain, c, d, e, f, g, h, i, j',
    ]);
  });
});
