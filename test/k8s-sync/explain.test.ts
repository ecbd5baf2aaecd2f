import { describe, expect, it } from 'vitest';
import { explain } from '../../src/k8s-sync/explain.js';
import { Play, sliceOf } from './core/play.js';

const two = { a: 'ready', b: 'ready' } as const;
const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const why = (play: Play, ip = c): string => explain(play.state, ip).reasons.join('\n');

describe('explain', () => {
  it('says of a server that it is up, for which pod, and who leads', () => {
    expect(explain(Play.live(two).state, a)).toEqual({
      of: a,
      kind: 'address',
      near: [],
      reasons: [
        'shop.http: pod default/pod-a (a) at 10.0.0.1:8030 is ready',
        'shop.http at g1: up',
        'bc-a is live; this process leads with epoch 1',
      ],
    });
  });

  it('knows an address that nobody has', () => {
    expect(why(Play.live(two))).toContain('no slice of an app has 10.0.0.3, and no gateway has it of k8s.bc.bc-a');
  });

  it.each<[string, (play: Play) => void, string]>([
    ['is not ready', (play) => play.see({ ...two, c: 'not-ready' }), 'not there; only ready members are added'],
    ['is on its way', (play) => play.see({ ...two, c: 'ready' }), 'a write with it is under way'],
    [
      'was refused',
      (play) => {
        play.see({ ...two, c: 'ready' });
        play.refused('STORE_UNAVAILABLE');
      },
      'not there; STORE_UNAVAILABLE: as told',
    ],
    [
      'waits for a claim',
      (play) => {
        play.lead(2);
        play.see({ ...two, c: 'ready' });
      },
      'not there; the instance is claiming',
    ],
  ])('says why a pod that %s is not in a gateway', (_what, lead, reason) => {
    const play = Play.live(two);
    lead(play);
    expect(why(play)).toContain(`shop.http at g1: ${reason}`);
  });

  it('says what is drained, gone from the slices, or held by a guard', () => {
    const play = Play.live({ ...two, c: 'ready' });
    play.see({ a: 'ready', b: 'ended' });
    play.written();
    expect(why(play, b)).toContain('shop.http at g1: drain');
    expect(why(play)).toContain('shop.http at g1: up, no slice has it any more');
    const held = Play.live({ a: 'ready' });
    held.see({ a: 'not-ready' });
    expect(why(held, a)).toContain('shop.http at g1: up, held by the empty guard');
  });

  it('says what is kept because nothing is removed now, and what an operator let go', () => {
    const play = Play.live({ ...two, c: 'ready' });
    play.take({ type: 'freeze' });
    play.see({ a: 'ready', b: 'ready', c: 'not-ready' });
    expect(why(play)).toContain('shop.http at g1: up, kept: nothing is removed now');
    expect(why(play)).toContain('bc-a is live, frozen by an operator');
    const held = Play.live({ a: 'ready' });
    held.see({ a: 'not-ready' });
    held.take({ type: 'override', upstream: 'shop.http', reason: 'the rack is off', actor: 'ann' });
    expect(why(held, a)).toContain('shop.http at g1: up, let go by ann: the rack is off');
  });

  it.each([
    ['an address with its port', '10.0.0.1:8030'],
    ['a pod with its namespace', 'default/pod-a'],
    ['a pod by its name alone', 'pod-a'],
  ])('knows %s', (_what, of) => {
    const { kind, reasons } = explain(Play.live(two).state, of);
    expect(kind).toBe(of.includes('pod') ? 'pod' : 'address');
    expect(reasons[0]).toBe('shop.http: pod default/pod-a (a) at 10.0.0.1:8030 is ready');
    expect(reasons[1]).toMatch(/^shop\.http at g1: up/);
    expect(reasons).toHaveLength(3);
  });

  it('tells one port of an address from another', () => {
    expect(explain(Play.live(two).state, '10.0.0.1:8031').kind).toBe('unknown');
  });

  it('knows an IPv6 address in any spelling', () => {
    const play = new Play();
    const slice = sliceOf({ a: 'ready' });
    const endpoints = slice.endpoints.map((endpoint) => ({ ...endpoint, ip: 'fd00::1' }));
    play.list({ one: { ...slice, endpoints } });
    for (const of of ['fd00:0:0::1', '[fd00::1]:8030'])
      expect(explain(play.state, of).reasons[0]).toContain('at [fd00::1]:8030 is ready');
  });

  it('knows the pod of a server that no slice has any more', () => {
    const play = Play.live({ ...two, c: 'ready' });
    play.see(two);
    expect(explain(play.state, 'pod-c').reasons[0]).toBe(
      'shop.http at g1: up at 10.0.0.3:8030, no slice has it any more',
    );
  });

  it('counts the members and servers of an upstream, and says what a guard holds', () => {
    expect(explain(Play.live({ ...two, c: 'not-ready' }).state, 'shop.http')).toEqual({
      of: 'shop.http',
      kind: 'upstream',
      reasons: [
        'shop.http: 2 of 3 members ready',
        'shop.http at g1: 2 up',
        'bc-a is live; this process leads with epoch 1',
      ],
      near: [],
    });
    const held = Play.live({ a: 'ready' });
    held.see({ a: 'not-ready' });
    const told = (): string => explain(held.state, 'shop.http').reasons.join('\n');
    expect(told()).toContain('the empty guard holds of stable: 10.0.0.1:8030 (pod not looked up yet)');
    held.proof({ a: 'alive' });
    expect(told()).toContain('10.0.0.1:8030 (pod alive)');
  });

  it.each([
    ['shop.htp', ['shop.http']],
    ['shop', ['shop.http']],
    ['pod-x', ['default/pod-a', 'default/pod-b']],
    ['default/pod-x', ['default/pod-a', 'default/pod-b']],
    ['10.0.0.9', ['10.0.0.1', '10.0.0.2']],
    ['nothing-like-it', []],
  ])('names what %s may have meant', (of, near) => {
    expect(explain(Play.live(two).state, of)).toMatchObject({ kind: 'unknown', near });
  });

  it('says who does not lead, and what the cluster is', () => {
    const play = Play.live(two);
    play.take({ type: 'not-leading' });
    play.wait(20_000);
    expect(why(play, a)).toContain('bc-a is frozen; another process leads, or nobody');
  });
});
