import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkTimings,
  decideLease,
  isTermKept,
  isWriteLost,
  type LeaseDecision,
  type LeaseRecord,
  leaseTimings,
  nextEpoch,
  type ObservedLease,
  observeLease,
} from '../../src/kube/lease-decision.js';

const record = (more: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holder: 'other',
  durationSeconds: 15,
  renewTime: '2026-01-02T03:04:05.000000Z',
  transitions: 1,
  epoch: 7,
  resourceVersion: '100',
  ...more,
});
const nothing: ObservedLease = { record: undefined, changedAtMs: 0 };

describe('decideLease', () => {
  const cases: readonly [string, LeaseRecord | undefined, number, LeaseDecision][] = [
    ['there is none', undefined, 0, 'create'],
    ['it is the own', record({ holder: 'me' }), 0, 'renew'],
    ['it is the own, however old', record({ holder: 'me' }), 1_000_000, 'renew'],
    ['another has it and it was just renewed', record(), 0, 'wait'],
    ['another has it and its time is not yet up', record(), 14_999, 'wait'],
    ['another has it and its time is up', record(), 15_000, 'take'],
    ['another has it for longer than our own time', record({ durationSeconds: 60 }), 15_000, 'wait'],
    ['nobody has it', record({ holder: '', durationSeconds: 1 }), 0, 'take'],
  ];
  it.each(cases)('when %s', (_, seen, nowMs, decision) => {
    expect(decideLease({ record: seen, changedAtMs: 0 }, 'me', nowMs)).toBe(decision);
  });
});

describe('observeLease', () => {
  it('counts from when a Lease was first seen, whatever time it says it was renewed', () => {
    const long = record({ renewTime: '2001-01-01T00:00:00.000000Z' });
    expect(observeLease(nothing, long, 5000)).toEqual({ record: long, changedAtMs: 5000 });
  });

  const changes: readonly [string, Partial<LeaseRecord>, number][] = [
    ['nothing', {}, 1000],
    ['only other fields of the object', { resourceVersion: '101', epoch: 8 }, 1000],
    ['the time of renewal', { renewTime: '2026-01-02T03:04:07.000000Z' }, 9000],
    ['the time of renewal, to an earlier one', { renewTime: '2026-01-02T03:04:03.000000Z' }, 9000],
    ['the holder', { holder: 'third' }, 9000],
    ['the number of transitions', { transitions: 2 }, 9000],
  ];
  it.each(changes)('when %s has changed, counts from the right moment', (_, more, changedAtMs) => {
    expect(observeLease({ record: record(), changedAtMs: 1000 }, record(more), 9000)).toEqual({
      record: record(more),
      changedAtMs,
    });
  });

  it('counts anew from a Lease that was deleted and made again', () => {
    const gone = observeLease({ record: record(), changedAtMs: 1000 }, undefined, 2000);
    expect(observeLease(gone, record(), 3000).changedAtMs).toBe(3000);
  });
});

describe('isTermKept', () => {
  const term = { epoch: 7, renewedAtMs: 0 };
  const cases: readonly [string, LeaseRecord | undefined, boolean][] = [
    ['is as it was left', record({ holder: 'me' }), true],
    ['was written by somebody, but is still ours', record({ holder: 'me', resourceVersion: '200' }), true],
    ['was deleted', undefined, false],
    ['was taken', record(), false],
    ['was released', record({ holder: '' }), false],
    ['has a greater epoch', record({ holder: 'me', epoch: 8 }), false],
    ['has lost its epoch', record({ holder: 'me', epoch: 0 }), false],
  ];
  it.each(cases)('of a Lease that %s', (_, seen, kept) => {
    expect(isTermKept(term, seen, 'me')).toBe(kept);
  });
});

describe('nextEpoch', () => {
  it('is 1 where nothing is known', () => {
    expect(nextEpoch(0, 0)).toBe(1);
  });

  it('is above everything that is known', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (known) => {
        expect(nextEpoch(...known)).toBe(Math.max(...known) + 1);
      }),
    );
  });
});

describe('checkTimings', () => {
  it('takes 15, 10 and 2 seconds', () => {
    expect(leaseTimings).toEqual({ leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 });
    expect(checkTimings(leaseTimings)).toBe(leaseTimings);
  });

  it.each([
    { renewDeadlineMs: 15_000 },
    { renewDeadlineMs: 20_000 },
    { retryPeriodMs: 10_000 },
    { retryPeriodMs: 0 },
    { leaseDurationMs: Number.NaN },
  ])('refuses %j, under which two could lead', (more) => {
    expect(() => checkTimings({ ...leaseTimings, ...more })).toThrow(RangeError);
  });
});

describe('isWriteLost', () => {
  const [answered, onTheWay] = ['2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:07.000000Z'];
  const own = { renewTimes: [answered, onTheWay], epoch: 7 };
  const earlier = '2026-01-02T03:04:03.000000Z';

  it.each<[string, LeaseRecord | undefined, boolean]>([
    ['the answered write is there', record({ holder: 'me', renewTime: answered }), false],
    ['one that was not answered is there', record({ holder: 'me', renewTime: onTheWay }), false],
    ['an earlier one of our own is there again', record({ holder: 'me', renewTime: earlier }), true],
    ['another has taken it since', record({ epoch: 8 }), false],
    ['it is as another had it before us', record({ epoch: 6 }), true],
    ['there is no Lease any more', undefined, true],
  ])('when %s: %s', (_, seen, expected) => {
    expect(isWriteLost(own, seen, 'me')).toBe(expected);
  });

  it('is never so before a write was answered', () => {
    expect(isWriteLost({ renewTimes: [], epoch: 0 }, undefined, 'me')).toBe(false);
  });
});
