// Leader election as functions of data, by client-go's rules: no clock, no calls. `lease.ts` does what they say.

/** What a Lease object says. */
export interface LeaseRecord {
  /** Empty when nobody has it. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** Changes with every renewal; compared, never read as a time: clocks of two machines differ. */
  readonly renewTime: string;
  readonly transitions: number;
  /** The fencing epoch in the annotation; 0 when there is none. */
  readonly epoch: number;
  readonly resourceVersion: string;
}

/** A Lease as this process saw it: when its record last changed, by the own monotonic clock. */
export interface ObservedLease {
  /** Undefined when there is no Lease. */
  readonly record: LeaseRecord | undefined;
  readonly changedAtMs: number;
}

/** The Lease with what was read of it just now. A rival's time counts from when a change was first seen here. */
export function observeLease(former: ObservedLease, record: LeaseRecord | undefined, nowMs: number): ObservedLease {
  const same =
    former.record !== undefined &&
    record !== undefined &&
    former.record.holder === record.holder &&
    former.record.renewTime === record.renewTime &&
    former.record.transitions === record.transitions;
  return { record, changedAtMs: same ? former.changedAtMs : nowMs };
}

export type LeaseDecision = 'create' | 'take' | 'renew' | 'wait';

/**
 * What to do with a Lease: renew an own one, take a free or a stale one, else wait. Stale is what has not changed for its
 * own duration by the local monotonic clock.
 */
export function decideLease({ record, changedAtMs }: ObservedLease, identity: string, nowMs: number): LeaseDecision {
  if (record === undefined) return 'create';
  if (record.holder === identity) return 'renew';
  if (record.holder === '' || nowMs - changedAtMs >= record.durationSeconds * 1000) return 'take';
  return 'wait';
}

/** A time of leading, from its start to its end. */
export interface Term {
  readonly epoch: number;
  /**
   * When the last good renewal was sent. A rival counts from when it reached the server or later, so this side is always
   * the first to think that time is up.
   */
  readonly renewedAtMs: number;
}

/**
 * True while the Lease is what this term left there. A Lease that was deleted, released or taken meanwhile, or whose epoch
 * somebody moved, may have had another leader: the term is over, and a next one gets a greater epoch.
 */
export function isTermKept(term: Term, record: LeaseRecord | undefined, identity: string): boolean {
  return record?.holder === identity && record.epoch === term.epoch;
}

/** What this process has written into a Lease. */
export interface OwnWrites {
  /** Renewal times that were sent, from the last one that was answered on: any of them may be there. */
  readonly renewTimes: readonly string[];
  /** The greatest epoch that was sent. */
  readonly epoch: number;
}

/**
 * True when a write that was answered is no longer there and no later one has taken its place: the cluster's etcd was set
 * back, whatever its resourceVersions say now. A Lease that somebody deleted looks the same.
 */
export function isWriteLost(
  { renewTimes, epoch }: OwnWrites,
  record: LeaseRecord | undefined,
  identity: string,
): boolean {
  if (renewTimes.length === 0) return false;
  if (record === undefined || record.epoch < epoch) return true;
  return record.holder === identity && !renewTimes.includes(record.renewTime);
}

/** The epoch of a new term: above all that are known. */
export function nextEpoch(...known: readonly number[]): number {
  return Math.max(0, ...known) + 1;
}

export interface LeaseTimings {
  /** Others take the Lease when it was not renewed for so long. Default 15,000. */
  readonly leaseDurationMs: number;
  /** The leader stops leading when it could not renew for so long. Default 10,000. */
  readonly renewDeadlineMs: number;
  /** Between two tries. Default 2,000. */
  readonly retryPeriodMs: number;
}

export const leaseTimings: LeaseTimings = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2000 };

/** @throws RangeError when a leader would notice that its time is up only after others may lead. */
export function checkTimings(timings: LeaseTimings): LeaseTimings {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = timings;
  if (!(leaseDurationMs > renewDeadlineMs && renewDeadlineMs > retryPeriodMs && retryPeriodMs > 0)) {
    throw new RangeError(
      `a Lease needs leaseDurationMs > renewDeadlineMs > retryPeriodMs > 0; got ${leaseDurationMs}, ${renewDeadlineMs}, ${retryPeriodMs}`,
    );
  }
  return timings;
}
