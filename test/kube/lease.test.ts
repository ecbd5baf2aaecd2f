import { describe, expect, it } from 'vitest';
import { createLeaseElector } from '../../src/kube/index.js';
import { annotation, api, candidate, clock, epochInLease, holder, leader } from './candidates.js';
import { good, unreachable } from './lease-api.js';

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

  it('shows the annotations with every look at the Lease, the first time before it leads', async () => {
    const seen: string[] = [];
    const look = (annotations: Readonly<Record<string, string>>): void =>
      void seen.push(annotations['orders'] ?? 'none');
    const a = await leader('a', { onObserved: look, onStartedLeading: () => seen.push('leads') });
    expect(seen).toEqual(['none', 'leads']);
    api.edit((lease) => ({
      ...lease,
      metadata: { ...lease.metadata, annotations: { ...lease.metadata.annotations, orders: 'freeze' } },
    }));
    const b = candidate('b', { onObserved: look, onStartedLeading: () => seen.push('b leads') });
    await a.elector.stop();
    seen.splice(0);
    b.elector.start();
    await clock.advance(0);
    expect(seen).toEqual(['freeze', 'freeze', 'b leads']);
  });

  it('misses no beat, and gives the Lease back, when somebody else has annotated it', async () => {
    const a = await leader('a');
    const annotate = (): void =>
      api.edit((lease) => ({
        ...lease,
        metadata: { ...lease.metadata, annotations: { ...lease.metadata.annotations, orders: String(clock.now()) } },
      }));
    await clock.advance(1000);
    annotate();
    await clock.advance(1000);
    expect(api.writes.at(-1)).toMatchObject({ by: 'a', atMs: 2000 });
    expect(api.lease?.metadata.annotations?.['orders']).toBe('1000');
    expect([a.told, a.failures]).toEqual([['0 started 1'], []]);
    annotate();
    await a.elector.stop();
    expect(holder()).toBe('');
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

describe('a leader whose etcd was set back', () => {
  it('says so with its next renewal, though the resourceVersion is past the old one already', async () => {
    const renewals: [string, boolean][] = [];
    await leader('a', { onRenewed: ({ resourceVersion, lostWrite }) => renewals.push([resourceVersion, lostWrite]) });
    const before = api.lease;
    await clock.advance(2000);
    // The snapshot's Lease, under a version that the restored etcd has given out anew.
    api.edit(() => before);
    await clock.advance(6000);
    expect(renewals).toEqual([
      ['101', false],
      ['102', false],
      ['104', true],
      ['105', false],
      ['106', false],
    ]);
  });
});
