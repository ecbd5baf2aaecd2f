import {
  decideLease,
  isTermKept,
  isWriteLost,
  type LeaseRecord,
  leaseTimings,
  nextEpoch,
  type ObservedLease,
  observeLease,
  type OwnWrites,
  type Term,
} from '../../../src/kube/lease-decision.js';
import type { ApiLink } from './api-link.js';
import type { Host } from './host.js';

export interface ElectorHandlers {
  epochFloor(): Promise<number>;
  leading(epoch: number): void;
  notLeading(): void;
  renewed(version: string, lostWrite: boolean): void;
}

/** A Lease elector as `src/kube` has it, with its decisions, in virtual time. */
export class ElectorModel {
  readonly #host: Host;
  readonly #link: ApiLink;
  readonly #identity: string;
  readonly #handlers: ElectorHandlers;
  #observed: ObservedLease = { record: undefined, changedAtMs: 0 };
  /** False when the Lease must be read before it is written. */
  #isKnown = false;
  #term: { value: Term } | undefined;
  #lastEpoch = 0;
  #renewals = 0;
  #ownWrites: OwnWrites = { renewTimes: [], epoch: 0 };
  #lostWrite = false;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(host: Host, link: ApiLink, identity: string, handlers: ElectorHandlers) {
    this.#host = host;
    this.#link = link;
    this.#identity = identity;
    this.#handlers = handlers;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends leading, then gives the Lease back. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    if (this.#term === undefined) return;
    this.#endTerm();
    const { record } = this.#observed;
    if (record?.holder !== this.#identity) return;
    await this.#write({ ...record, holder: '', durationSeconds: 1 }, record.resourceVersion).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { clock } = this.#host;
    while (!this.#hasStopped()) {
      const started = clock.now();
      await this.#try().catch(() => undefined);
      if (this.#hasStopped()) return;
      await this.#host.sleep(Math.max(0, leaseTimings.retryPeriodMs - (clock.now() - started)));
    }
  }

  #hasStopped(): boolean {
    return this.#isStopped;
  }

  async #try(): Promise<void> {
    const { clock } = this.#host;
    if (this.#term === undefined || !this.#isKnown) {
      this.#observe(await this.#link.call(leaseTimings.retryPeriodMs, () => this.#link.api.lease));
      this.#lostWrite ||= isWriteLost(this.#ownWrites, this.#observed.record, this.#identity);
    }
    const { record } = this.#observed;
    if (this.#term !== undefined && !isTermKept(this.#term.value, record, this.#identity)) this.#endTerm();
    if (decideLease(this.#observed, this.#identity, clock.now()) === 'wait') return;
    const term = this.#term;
    const floor = term === undefined ? await this.#handlers.epochFloor() : 0;
    const epoch = term?.value.epoch ?? nextEpoch(record?.epoch ?? 0, this.#lastEpoch, floor);
    const renewedAtMs = clock.now();
    this.#lastEpoch = epoch;
    this.#renewals += 1;
    const lease = {
      holder: this.#identity,
      durationSeconds: leaseTimings.leaseDurationMs / 1000,
      renewTime: `${this.#identity} ${this.#renewals}`,
      transitions: 0,
      epoch,
    };
    const { renewTime } = lease;
    // Until one is answered nothing can have been lost.
    if (this.#ownWrites.renewTimes.length > 0)
      this.#ownWrites = { ...this.#ownWrites, renewTimes: [...this.#ownWrites.renewTimes, renewTime] };
    this.#observe(await this.#write(lease, record?.resourceVersion));
    this.#ownWrites = { renewTimes: [renewTime], epoch };
    this.#handlers.renewed(this.#observed.record?.resourceVersion ?? '', this.#lostWrite);
    this.#lostWrite = false;
    const value = { epoch, renewedAtMs };
    // A term that ended meanwhile does not come back.
    if (term !== undefined) term.value = value;
    else if (!this.#hasStopped()) this.#begin(value);
  }

  #begin(value: Term): void {
    const term = { value };
    this.#term = term;
    this.#handlers.leading(value.epoch);
    void this.#keepDeadline(term);
  }

  async #write(record: Omit<LeaseRecord, 'resourceVersion'>, expected: string | undefined): Promise<LeaseRecord> {
    this.#isKnown = false;
    return await this.#link.call(leaseTimings.retryPeriodMs, () => this.#link.api.writeLease(record, expected));
  }

  #observe(record: LeaseRecord | undefined): void {
    this.#observed = observeLease(this.#observed, record, this.#host.clock.now());
    this.#isKnown = true;
  }

  /** Ends the term when its time is up, also while a call hangs. */
  async #keepDeadline(term: { readonly value: Term }): Promise<void> {
    while (this.#term === term) {
      const leftMs = term.value.renewedAtMs + leaseTimings.renewDeadlineMs - this.#host.clock.now();
      if (leftMs <= 0) this.#endTerm();
      else await this.#host.sleep(leftMs);
    }
  }

  #endTerm(): void {
    this.#term = undefined;
    this.#handlers.notLeading();
  }
}
