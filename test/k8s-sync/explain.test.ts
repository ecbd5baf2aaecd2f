import { describe, expect, it } from 'vitest';
import { explain } from '../../src/k8s-sync/explain.js';
import { Play } from './core/play.js';

const two = { a: 'ready', b: 'ready' } as const;
const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const why = (play: Play, ip = c): string => explain(play.state, ip).reasons.join('\n');

describe('explain', () => {
  it('says of a server that it is up, for which pod, and who leads', () => {
    expect(explain(Play.live(two).state, a)).toEqual({
      ip: a,
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

  it('says who does not lead, and what the cluster is', () => {
    const play = Play.live(two);
    play.take({ type: 'not-leading' });
    play.wait(20_000);
    expect(why(play, a)).toContain('bc-a is frozen; another process leads, or nobody');
  });
});
