import { afterEach, beforeEach, expect } from 'vitest';
import { createLeaseElector, type LeaseElector, type LeaseElectorOptions } from '../../src/kube/index.js';
import { FakeClock } from './fake-clock.js';
import { good, LeaseApi, type Trip } from './lease-api.js';

export const annotation = 'youzan-kube.youzan.com/epoch';

/** An elector on the Lease of the test, and what became of it. */
export interface Candidate {
  readonly elector: LeaseElector;
  /** What it was told, with the second of fake time: `0 started 1`. */
  readonly told: string[];
  readonly failures: unknown[];
  trip: Trip;
}

/** The test's own time, and the API server that keeps its Lease. */
export let clock = new FakeClock();
export let api = new LeaseApi(clock);
const electors: LeaseElector[] = [];
afterEach(async () => {
  const stopped = Promise.all(electors.splice(0).map((elector) => elector.stop()));
  await clock.advance(60_000);
  await stopped;
});
beforeEach(() => {
  clock = new FakeClock();
  api = new LeaseApi(clock);
});

export function candidate(identity: string, more: Partial<LeaseElectorOptions> = {}): Candidate {
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
export async function leader(identity: string, more: Partial<LeaseElectorOptions> = {}): Promise<Candidate> {
  const one = candidate(identity, more);
  one.elector.start();
  await clock.advance(0);
  expect(one.elector.isLeader).toBe(true);
  return one;
}

export const epochInLease = (): string | undefined => api.lease?.metadata.annotations?.[annotation];
export const holder = (): string | undefined => api.lease?.spec?.holderIdentity;
