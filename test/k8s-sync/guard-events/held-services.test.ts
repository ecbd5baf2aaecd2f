import { describe, expect, it } from 'vitest';
import { heldServices } from '../../../src/k8s-sync/guard-events/held-services.js';
import { Play, upstream } from '../core/play.js';

const [a, b] = ['10.0.0.1:8030', '10.0.0.2:8030'];
const shop = { namespace: 'default', service: 'shop', upstream, guard: 'empty' };

describe('heldServices', () => {
  const group = { upstream, group: 'stable/' };

  it("names the Service of what is held, and the servers' addresses", () => {
    const play = Play.live({ a: 'ready', b: 'ready' });
    play.see({ a: 'not-ready', b: 'not-ready' });
    expect(heldServices(play.state, group)).toEqual([{ ...shop, addresses: [a, b] }]);
  });

  it('knows it of servers that no slice has any more', () => {
    const play = Play.live({ a: 'ready', b: 'ready' });
    play.see({});
    play.pass(3000);
    expect(heldServices(play.state, group)).toEqual([{ ...shop, addresses: [a, b] }]);
  });

  it('has none for a server that no slice ever had', () => {
    const play = new Play();
    play.list({});
    play.beat();
    play.lead(1);
    play.claimed('g1', 'a');
    play.pass(3000);
    expect(play.holds).toHaveLength(1);
    expect(heldServices(play.state, group)).toEqual([]);
  });

  it.each(['a group', 'an upstream'])('has none for %s of which nothing is held', (what) => {
    const play = Play.live({ a: 'ready', b: 'ready' });
    const asked = what === 'a group' ? group : { ...group, upstream: 'other.http' };
    expect(heldServices(play.state, asked)).toEqual([]);
  });

  it('has none once another process leads', () => {
    const play = Play.live({ a: 'ready', b: 'ready' });
    play.see({ a: 'not-ready', b: 'not-ready' });
    play.take({ type: 'not-leading' });
    expect(heldServices(play.state, group)).toEqual([]);
  });
});
