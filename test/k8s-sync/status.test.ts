import { describe, expect, it } from 'vitest';
import { beginChronicle, continueChronicle } from '../../src/k8s-sync/chronicle.js';
import { step, type SyncEvent } from '../../src/k8s-sync/core/index.js';
import { statusOf, type SyncStatus } from '../../src/k8s-sync/status.js';
import { failure, Play } from './core/play.js';

const two = { a: 'ready', b: 'ready' } as const;
const statusAt = (play: Play): SyncStatus => statusOf(play.state, beginChronicle(play.now), play.now);

/** The status after these events, each a second after the one before it. */
function after(play: Play, ...events: SyncEvent[]): SyncStatus {
  let { state, now } = play;
  let chronicle = beginChronicle(now);
  for (const event of events) {
    now += 1000;
    const stepped = step(state, event, now);
    state = stepped.state;
    chronicle = continueChronicle(chronicle, event, stepped.effects, now);
  }
  return statusOf(state, chronicle, now + 500);
}

describe('statusOf', () => {
  it('is plain data that tells phase, leader, gateways and upstreams', () => {
    const status = statusAt(Play.live({ ...two, c: 'not-ready' }));
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
    expect(status).toMatchObject({
      cluster: 'bc-a',
      source: 'k8s.bc.bc-a',
      writer: 'me',
      phase: 'live',
      frozenByOperator: null,
      leader: true,
      epoch: 1,
      heartbeatAgeMs: 0,
      gateways: [{ gateway: 'g1', stage: 'claimed', storeId: 'store-1', lagging: [], unconfirmed: 0, lastError: null }],
      holds: [],
    });
    expect(status.upstreams).toEqual([
      {
        upstream: 'shop.http',
        members: 3,
        ready: 2,
        held: 0,
        gateways: [{ gateway: 'g1', up: 2, drain: 0, down: 0, writing: false, unconfirmed: 0, lastError: null }],
      },
    ]);
  });

  it('tells what is being written, what is drained, and what not every worker has', () => {
    const play = Play.live({ ...two, c: 'ready' });
    play.see({ a: 'ready', b: 'ready', c: 'ended' });
    expect(statusAt(play).upstreams[0]?.gateways[0]).toMatchObject({ up: 3, drain: 0, writing: true });
    play.written();
    const { gateways, upstreams } = statusAt(play);
    expect(upstreams[0]?.gateways[0]).toMatchObject({ up: 2, drain: 1, writing: false, unconfirmed: 1 });
    expect(gateways[0]).toMatchObject({ unconfirmed: 1, awaited: play.asked() });
  });

  it('names the workers that lag', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    play.written();
    const revision = play.asked();
    play.take({ type: 'confirmed', gateway: 'g1', storeId: 'store-1', revision, applied: false, lagging: ['w2'] });
    expect(statusAt(play).gateways[0]).toMatchObject({ lagging: ['w2'], awaited: revision });
  });

  it('tells what a guard holds since when, with pods and what is known of them', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'not-ready' });
    play.proof({ a: 'alive' }, [], 3000);
    expect(statusAt(play)).toMatchObject({
      holds: [
        {
          upstream: 'shop.http',
          color: 'stable',
          sc: '',
          guard: 'empty',
          forMs: 3000,
          servers: [{ address: '10.0.0.1:8030', pod: 'default/pod-a', proof: 'alive' }],
        },
      ],
      upstreams: [{ held: 1 }],
    });
  });

  it('has no heartbeat, no epoch and no upstreams before anything was seen', () => {
    expect(statusAt(new Play())).toMatchObject({
      phase: 'syncing',
      leader: false,
      epoch: null,
      heartbeatAgeMs: null,
      upstreams: [],
      gateways: [{ stage: 'idle' }],
    });
  });

  it('tells since when a phase lasts, and what led to it', () => {
    const status = after(Play.live(two), { type: 'slices', changes: [{ kind: 'disconnected', reason: 'reset' }] });
    expect(status).toMatchObject({ phase: 'suspect', phaseForMs: 500, phaseReason: 'the watch broke: reset' });
  });

  it('tells who froze the cluster, why and since when, until it is taken back', () => {
    const freeze = { type: 'freeze', actor: 'ann', reason: 'maintenance' } as const;
    const heartbeat = { type: 'heartbeat', resourceVersion: '900' } as const;
    expect(after(Play.live(two), freeze, heartbeat).frozenByOperator).toEqual({
      forMs: 1500,
      actor: 'ann',
      reason: 'maintenance',
    });
    expect(after(Play.live(two), freeze, { type: 'unfreeze' }).frozenByOperator).toBeNull();
  });

  it('tells what a gateway did not do last, until it does it', () => {
    const play = Play.live(two);
    play.see({ ...two, c: 'ready' });
    const { generation } = play.inFlight();
    const of = { gateway: 'g1', upstream: 'shop.http', generation } as const;
    const refused: SyncEvent = { type: 'write-failed', ...of, failure: failure('STORE_UNAVAILABLE') };
    expect(after(play, refused).gateways[0]?.lastError).toEqual({
      ageMs: 500,
      message: 'did not take a write: STORE_UNAVAILABLE: as told',
    });
    const written: SyncEvent = { type: 'written', ...of, storeId: 'store-1', revision: 20, digest: '', changed: true };
    expect(after(play, refused, written).gateways[0]?.lastError).toBeNull();
    expect(after(play, refused, { type: 'not-leading' }).gateways[0]?.lastError).toBeNull();
  });
});
