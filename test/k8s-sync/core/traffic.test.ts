import { describe, expect, it } from 'vitest';
import { generationOf, type SyncEvent } from '../../../src/k8s-sync/core/index.js';
import { Play, serversOf, sliceOf, upstream } from './play.js';

const ann = { actor: 'ann', reason: 'etcd is restored' };
const order = (percent: number | null): SyncEvent => ({ type: 'traffic', percent, ...ann });
const two = { a: 'ready', b: 'ready' } as const;

/** A leader that was told of an order before its first look, as with a Lease that has one. */
function begin(percent: number | null, has: ReturnType<typeof serversOf>): Play {
  const play = new Play();
  play.list({ [upstream]: sliceOf(two) });
  play.beat();
  play.take(order(percent));
  play.lead(1);
  play.take({ type: 'claimed', gateway: 'g1', generation: generationOf(1, 0), storeId: 'store-1' });
  const sources = has.length === 0 ? [] : [{ upstream, servers: has, revision: 10 }];
  play.take({ type: 'sources', gateway: 'g1', look: play.look('g1'), sources });
  play.confirmed('g1', 10);
  return play;
}

const weights = (play: Play): string[] =>
  (play.entry?.placed['g1']?.servers ?? []).map(({ uid, weight }) => `${uid} ${weight}`);

describe('a drained cluster', () => {
  it('has every server drained at once, by a word that lifts the gateway’s guard', () => {
    const play = Play.live(two);
    expect(play.take(order(0))).toEqual(['write g1: a drain, b drain (forced)']);
    expect(play.inFlight().force).toEqual(ann);
    expect(play.inFlight().servers.map(({ weight }) => weight)).toEqual([100, 100]);
    play.confirmAll();
    expect(play.take(order(0))).toEqual([]);
    expect(play.pass(120_000).filter((told) => told.startsWith('write'))).toEqual([]);
  });

  it('takes what is new as drained, and forces nothing where nothing served', () => {
    const play = Play.live(two);
    play.take(order(0));
    play.confirmAll();
    expect(play.see({ ...two, c: 'ready' })).toEqual(['write g1: a drain, b drain, c drain']);
  });

  it('follows its pods: what is gone is deleted, what is back stays drained', () => {
    const play = Play.live(two);
    play.take(order(0));
    play.confirmAll();
    expect(play.see({ a: 'not-ready', b: 'ready' })).toEqual([]);
    expect(play.see({ a: 'ready', b: 'ready' })).toEqual([]);
    play.see({ a: 'ready' });
    play.pass(2000);
    play.confirmAll();
    expect(play.believed()).toBe('a drain');
  });

  it('drains what a guard holds too, and whatever the cluster’s sight is', () => {
    const play = Play.live(two);
    play.see({ a: 'not-ready', b: 'not-ready' });
    expect(play.holds).toHaveLength(1);
    play.breakWatch();
    expect(play.take(order(0))).toEqual(['write g1: a drain, b drain (forced)']);
  });

  it('drains again what somebody brought back by hand', () => {
    const play = Play.live(two);
    play.take(order(0));
    play.confirmAll();
    play.take({ type: 'timer', name: 'drift g1' });
    expect(play.has('g1', 'a, b drain', { revision: 30 })).toContain('write g1: a drain, b drain (forced)');
  });

  it('is up again after the order is taken back, but for pods that are not ready', () => {
    const play = Play.live({ ...two, c: 'ready' });
    play.take(order(0));
    play.confirmAll();
    play.see({ a: 'ready', b: 'ready', c: 'not-ready' });
    expect(play.take(order(100))).toEqual(['write g1: a, b, c drain']);
    play.confirmAll();
    expect(play.see({ a: 'ready', b: 'ready', c: 'ready' })).toEqual(['write g1: a, b, c']);
  });
});

describe('a share of the traffic', () => {
  it('lowers each weight once, never to 0, and gives it back', () => {
    const play = Play.live(two);
    play.take(order(20));
    expect(play.inFlight().force).toBeNull();
    play.confirmAll();
    expect(weights(play)).toEqual(['a 20', 'b 20']);
    expect(play.pass(120_000).filter((told) => told.startsWith('write'))).toEqual([]);
    play.take(order(50));
    play.confirmAll();
    expect(weights(play)).toEqual(['a 50', 'b 50']);
    play.take(order(100));
    play.confirmAll();
    expect(weights(play)).toEqual(['a 100', 'b 100']);
    const light = Play.live(two, { weight: 10 });
    light.take(order(1));
    light.confirmAll();
    expect(weights(light)).toEqual(['a 1', 'b 1']);
  });

  it('is given back to what a guard holds, too', () => {
    const play = Play.live(two);
    play.take(order(20));
    play.confirmAll();
    play.see({ a: 'not-ready', b: 'not-ready' });
    expect(play.holds).toHaveLength(1);
    expect(play.believed()).toBe('a, b');
    play.take(order(100));
    play.confirmAll();
    expect(weights(play)).toEqual(['a 100', 'b 100']);
  });

  it('leaves a weight that somebody chose for a server that no slice has', () => {
    const [hand] = serversOf('h');
    const play = begin(100, [...serversOf('a, b'), { ...hand!, weight: 7 }]);
    play.confirmAll();
    expect(weights(play)).toEqual(['a 100', 'b 100', 'h 7']);
  });
});

describe('an order that can’t be read', () => {
  it('leaves a drained cluster drained, with what is new in it', () => {
    const play = begin(null, serversOf('a drain, b drain'));
    expect(play.effects.filter(({ type }) => type === 'write')).toEqual([]);
    expect(play.see({ ...two, c: 'ready' })).toEqual(['write g1: a drain, b drain, c drain']);
  });

  it('leaves a share as it is, and gives it to what is new', () => {
    const play = begin(
      null,
      serversOf('a').map((server) => ({ ...server, weight: 20 })),
    );
    play.confirmAll();
    expect(weights(play)).toEqual(['a 20', 'b 20']);
    play.take(order(100));
    play.confirmAll();
    expect(weights(play)).toEqual(['a 100', 'b 100']);
  });

  it('adds to a gateway that has nothing', () => {
    const play = begin(null, []);
    play.confirmAll();
    expect(play.believed()).toBe('a, b');
  });
});
