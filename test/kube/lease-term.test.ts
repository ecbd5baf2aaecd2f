import { describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/index.js';
import { annotation, api, candidate, clock, epochInLease, holder, leader } from './candidates.js';
import { good, type LeaseApi, unreachable } from './lease-api.js';

describe('a leader', () => {
  it('stops 10 s after it sent its last good renewal, however late the answer came', async () => {
    const a = await leader('a');
    a.trip = { there: 0, back: 1900 };
    await clock.advance(3950);
    a.trip = unreachable;
    await clock.advance(20_000);
    // Sent at 2 s, answered at 3.9 s; a rival may have seen it at 2 s.
    expect(a.told).toEqual(['0 started 1', '12 stopped']);
  });

  it('stops in time also while a call hangs', async () => {
    const a = await leader('a', { timings: { retryPeriodMs: 9000 } });
    a.trip = unreachable;
    await clock.advance(10_000);
    expect(a.told).toEqual(['0 started 1', '10 stopped']);
  });

  it('leads on when the API is away for less than 10 s', async () => {
    const a = await leader('a');
    a.trip = unreachable;
    await clock.advance(7000);
    a.trip = good;
    await clock.advance(30_000);
    expect(a.told).toEqual(['0 started 1']);
    expect(a.failures.length).toBeGreaterThan(0);
  });

  it('leads on when a renewal arrived but its answer did not', async () => {
    const a = await leader('a');
    a.trip = { there: 0, back: 'lost' };
    await clock.advance(3000);
    a.trip = good;
    await clock.advance(30_000);
    expect(a.told).toEqual(['0 started 1']);
    expect(holder()).toBe('a');
  });

  it('leads on when somebody else writes to its Lease but leaves it its own', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, metadata: { ...lease.metadata, labels: { touched: 'yes' } } }));
    await clock.advance(10_000);
    expect(a.told).toEqual(['0 started 1']);
    expect(a.failures).toEqual([]);
    expect(api.lease?.metadata.labels).toEqual({ touched: 'yes' });
  });

  it('stops when it sees that its Lease was stolen, and takes it again only when that one is stale', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }));
    await clock.advance(4000);
    expect(a.told).toEqual(['0 started 1', '2 stopped']);
    await clock.advance(20_000);
    expect(a.told).toEqual(['0 started 1', '2 stopped', '18 started 2']);
  });

  it('stops at the renew deadline when its Lease was stolen and it cannot see that', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }));
    a.trip = unreachable;
    await clock.advance(20_000);
    expect(a.told).toEqual(['0 started 1', '10 stopped']);
  });

  /** And the second in which it is noticed: a changed one is read again at once, one that is gone with the next try. */
  const lost: readonly [string, number, (lease: NonNullable<LeaseApi['lease']>) => LeaseApi['lease']][] = [
    ['is deleted', 4, () => undefined],
    ['is released under it', 2, (lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: '' } })],
    [
      'has lost its epoch',
      2,
      (lease) => ({ ...lease, metadata: { ...lease.metadata, annotations: { [annotation]: '0' } } }),
    ],
  ];
  it.each(lost)('begins a new term with a greater epoch when its Lease %s', async (_, second, change) => {
    const a = await leader('a');
    api.edit(change);
    await clock.advance(6000);
    expect(a.told).toEqual(['0 started 1', `${second} stopped`, `${second} started 2`]);
    expect(epochInLease()).toBe('2');
  });

  it('begins a new term above an epoch that another wrote into its Lease', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, metadata: { ...lease.metadata, annotations: { [annotation]: '40' } } }));
    await clock.advance(6000);
    expect(a.told).toEqual(['0 started 1', '2 stopped', '2 started 41']);
  });
});

describe('the epoch', () => {
  it('is above the one in the Lease and above the floor', async () => {
    const a = await leader('a', { epochFloor: () => Promise.resolve(9) });
    expect(a.told).toEqual(['0 started 10']);
    await a.elector.stop();
    const b = await leader('b', { epochFloor: () => Promise.resolve(3) });
    expect(b.told).toEqual(['0 started 11']);
  });

  it('asks for the floor before each start of leading, never at a renewal', async () => {
    let asked = 0;
    const floor = (): Promise<number> => Promise.resolve((asked += 1));
    const a = await leader('a', { epochFloor: floor });
    await clock.advance(10_000);
    expect(asked).toBe(1);
    api.edit(() => undefined);
    await clock.advance(4000);
    expect([asked, a.told.at(-1)]).toEqual([2, '14 started 3']);
  });

  it('is not made without the floor: it does not lead until that is known', async () => {
    let reachable = false;
    const a = candidate('a', {
      epochFloor: () => (reachable ? Promise.resolve(4) : Promise.reject(new Error('no gateway answers'))),
    });
    a.elector.start();
    await clock.advance(5000);
    expect([a.told, api.writes]).toEqual([[], []]);
    expect(a.failures).toContainEqual(new Error('no gateway answers'));
    reachable = true;
    await clock.advance(2000);
    expect(a.told).toEqual(['6 started 5']);
  });

  it('is not used again when it was written but the answer got lost', async () => {
    const a = candidate('a');
    a.trip = { there: 0, back: 'lost' };
    a.elector.start();
    await clock.advance(1000);
    expect([epochInLease(), a.told]).toEqual(['1', []]);
    a.trip = good;
    await clock.advance(1500);
    expect([epochInLease(), a.told]).toEqual(['2', ['2 started 2']]);
  });
});

describe('an elector that stops', () => {
  it('releases a Lease whose last write was not answered, when it is its own', async () => {
    const a = await leader('a');
    a.trip = { there: 0, back: 'lost' };
    await clock.advance(2500);
    a.trip = good;
    await a.elector.stop();
    expect(holder()).toBe('');
  });

  it('leaves a Lease alone that another has taken meanwhile', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }));
    await clock.advance(2500);
    await a.elector.stop();
    expect(holder()).toBe('thief');
  });

  it('does not lead when it is stopped while it asks for the floor', async () => {
    let answer = (): void => undefined;
    const a = candidate('a', {
      epochFloor: () => new Promise((resolve) => (answer = (): void => resolve(1))),
    });
    a.elector.start();
    await clock.advance(0);
    const stopped = a.elector.stop();
    answer();
    await stopped;
    expect([a.told, api.lease]).toEqual([[], undefined]);
  });

  it('says when it could not release', async () => {
    const a = await leader('a');
    const refused = new KubeError('KUBE_FORBIDDEN', 'no');
    a.trip = { ...good, error: refused };
    await a.elector.stop();
    expect([a.told, a.failures]).toEqual([['0 started 1', '0 stopped'], [refused]]);
  });
});
