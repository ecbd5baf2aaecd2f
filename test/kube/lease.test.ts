import { afterEach, describe, expect, it } from 'vitest';
import { createLeaseElector, KubeError, type LeaseElector, type LeaseElectorOptions } from '../../src/kube/index.js';
import { FakeClock } from './fake-clock.js';
import { good, LeaseApi, type Trip, unreachable } from './lease-api.js';

const annotation = 'youzan-kube.youzan.com/epoch';

interface Candidate {
  readonly elector: LeaseElector;
  /** What it was told, with the second of fake time: `0 started 1`. */
  readonly told: string[];
  readonly failures: unknown[];
  trip: Trip;
}

let clock = new FakeClock();
let api = new LeaseApi(clock);
const electors: LeaseElector[] = [];
afterEach(async () => {
  const stopped = Promise.all(electors.splice(0).map((elector) => elector.stop()));
  await clock.advance(60_000);
  await stopped;
  clock = new FakeClock();
  api = new LeaseApi(clock);
});

function candidate(identity: string, more: Partial<LeaseElectorOptions> = {}): Candidate {
  const told: string[] = [];
  const failures: unknown[] = [];
  const say = (what: string): void => void told.push(`${clock.now() / 1000} ${what}`);
  const elector = createLeaseElector({
    client: api.client(identity, () => self.trip),
    namespace: 'default',
    name: 'k8s-sync',
    identity,
    clock,
    onStartedLeading: (epoch) => say(`started ${epoch}`),
    onStoppedLeading: () => say('stopped'),
    onFailed: (error) => failures.push(error),
    ...more,
  });
  const self: Candidate = { elector, told, failures, trip: good };
  electors.push(elector);
  return self;
}

/** A candidate that has come to lead. */
async function leader(identity: string, more: Partial<LeaseElectorOptions> = {}): Promise<Candidate> {
  const one = candidate(identity, more);
  one.elector.start();
  await clock.advance(0);
  expect(one.elector.isLeader).toBe(true);
  return one;
}

const epochInLease = (): string | undefined => api.lease?.metadata.annotations?.[annotation];
const holder = (): string | undefined => api.lease?.spec?.holderIdentity;

describe('a Lease elector', () => {
  it('creates a Lease that is not there, and leads when its epoch is written', async () => {
    const seen: unknown[] = [];
    await leader('a', { onStartedLeading: (epoch) => seen.push([epoch, epochInLease(), holder()]) });
    expect(seen).toEqual([[1, '1', 'a']]);
    expect(api.writes).toHaveLength(1);
  });

  it('renews every 2 s, with another time and the same epoch, and says so', async () => {
    const renewals: string[] = [];
    await leader('a', { onRenewed: ({ resourceVersion }) => renewals.push(resourceVersion) });
    await clock.advance(6000);
    expect(api.writes.map(({ atMs }) => atMs)).toEqual([0, 2000, 4000, 6000]);
    expect(new Set(api.writes.map(({ lease }) => lease.spec?.renewTime)).size).toBe(4);
    expect(new Set(api.writes.map(({ lease }) => lease.spec?.acquireTime)).size).toBe(1);
    expect(new Set(api.writes.map(({ lease }) => lease.metadata.annotations?.[annotation]))).toEqual(new Set(['1']));
    expect(renewals).toEqual(api.writes.map(({ lease }) => lease.metadata.resourceVersion));
  });

  it('has an identity of its own at every start of a process', () => {
    const identities = [1, 2].map(
      () =>
        createLeaseElector({
          client: api.client('x'),
          namespace: 'default',
          name: 'k8s-sync',
          onStartedLeading: () => undefined,
          onStoppedLeading: () => undefined,
        }).identity,
    );
    expect(new Set(identities).size).toBe(2);
  });

  it('refuses timings under which two could lead', () => {
    expect(() => candidate('a', { timings: { renewDeadlineMs: 20_000 } })).toThrow(RangeError);
  });

  it('starts once, and stops safely twice or before it has started', async () => {
    const one = await leader('a');
    one.elector.start();
    await Promise.all([one.elector.stop(), one.elector.stop()]);
    expect(one.told).toEqual(['0 started 1', '0 stopped']);
    const other = candidate('b');
    await other.elector.stop();
    expect(other.told).toEqual([]);
  });
});

describe('two electors on one Lease', () => {
  it('lead one after the other: the second at its next try when the first has released it', async () => {
    const a = await leader('a');
    const b = candidate('b');
    b.elector.start();
    await clock.advance(30_000);
    expect([a.told, b.told]).toEqual([['0 started 1'], []]);
    await a.elector.stop();
    await clock.advance(2000);
    expect([a.told, b.told]).toEqual([['0 started 1', '30 stopped'], ['32 started 2']]);
  });

  it('release after work has stopped', async () => {
    const a = await leader('a', { onStoppedLeading: () => order.push(`stopped, held by ${holder() ?? ''}`) });
    const order: string[] = [];
    await a.elector.stop();
    expect([...order, `held by ${holder() ?? ''}`]).toEqual(['stopped, held by a', 'held by ']);
    expect(api.lease?.spec).toMatchObject({ leaseDurationSeconds: 1 });
  });

  it('do not touch a Lease that another holds when they stop', async () => {
    await leader('a');
    const b = candidate('b');
    b.elector.start();
    await clock.advance(1000);
    await b.elector.stop();
    expect(api.writes.filter(({ by }) => by === 'b')).toEqual([]);
  });

  it('change over when the first is gone: it stops after 10 s, the second starts after 15 s', async () => {
    const a = await leader('a');
    const b = candidate('b');
    b.elector.start();
    await clock.advance(3000);
    a.trip = unreachable;
    await clock.advance(30_000);
    // The last renewal was at 2 s; b saw it at once.
    expect(a.told).toEqual(['0 started 1', '12 stopped']);
    expect(b.told).toEqual(['18 started 2']);
    expect(api.lease?.spec?.leaseTransitions).toBe(1);
  });

  it('change over and back without an epoch that was there before', async () => {
    const a = await leader('a');
    const b = candidate('b');
    b.elector.start();
    await clock.advance(1000);
    a.trip = unreachable;
    await clock.advance(20_000);
    a.trip = good;
    b.trip = unreachable;
    await clock.advance(40_000);
    expect([...a.told, ...b.told].filter((line) => line.includes('started')).map((line) => line.split(' ')[2])).toEqual(
      ['1', '3', '2'],
    );
  });
});

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
    expect(a.failures).toEqual([expect.objectContaining({ code: 'KUBE_CONFLICT' })]);
    expect(api.lease?.metadata.labels).toEqual({ touched: 'yes' });
  });

  it('stops when it sees that its Lease was stolen, and takes it again only when that one is stale', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }));
    await clock.advance(4000);
    expect(a.told).toEqual(['0 started 1', '4 stopped']);
    await clock.advance(20_000);
    expect(a.told).toEqual(['0 started 1', '4 stopped', '20 started 2']);
  });

  it('stops at the renew deadline when its Lease was stolen and it cannot see that', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: 'thief' } }));
    a.trip = unreachable;
    await clock.advance(20_000);
    expect(a.told).toEqual(['0 started 1', '10 stopped']);
  });

  const lost: readonly [string, (lease: NonNullable<LeaseApi['lease']>) => LeaseApi['lease']][] = [
    ['is deleted', () => undefined],
    ['is released under it', (lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: '' } })],
    [
      'has lost its epoch',
      (lease) => ({ ...lease, metadata: { ...lease.metadata, annotations: { [annotation]: '0' } } }),
    ],
  ];
  it.each(lost)('begins a new term with a greater epoch when its Lease %s', async (_, change) => {
    const a = await leader('a');
    api.edit(change);
    await clock.advance(6000);
    expect(a.told).toEqual(['0 started 1', '4 stopped', '4 started 2']);
    expect(epochInLease()).toBe('2');
  });

  it('begins a new term above an epoch that another wrote into its Lease', async () => {
    const a = await leader('a');
    api.edit((lease) => ({ ...lease, metadata: { ...lease.metadata, annotations: { [annotation]: '40' } } }));
    await clock.advance(6000);
    expect(a.told).toEqual(['0 started 1', '4 stopped', '4 started 41']);
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
