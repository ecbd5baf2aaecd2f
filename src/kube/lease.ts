import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { KubeClient } from './client.js';
import { type Clock, systemClock } from './clock.js';
import { isKubeError } from './error.js';
import {
  checkTimings,
  decideLease,
  isTermKept,
  isWriteLost,
  type LeaseDecision,
  type LeaseTimings,
  leaseTimings,
  nextEpoch,
  type ObservedLease,
  observeLease,
  type OwnWrites,
  type Term,
} from './lease-decision.js';
import { heldLease, type LeaseObject, recordOf, releasedLease } from './lease-object.js';
import { resources } from './resource.js';

export {
  decideLease,
  type LeaseDecision,
  type LeaseRecord,
  type LeaseTimings,
  leaseTimings,
  type ObservedLease,
} from './lease-decision.js';

const releaseTimeoutMs = 2000;

export interface LeaseElectorOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process start. Default: host name and a random UUID. */
  readonly identity?: string | undefined;
  readonly timings?: Partial<LeaseTimings> | undefined;
  /** Annotation that holds the fencing epoch. Default `youzan-kube.youzan.com/epoch`. */
  readonly epochAnnotation?: string | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** The greatest epoch known elsewhere (the claims at the gateways); read before each start of leading. Default 0. */
  epochFloor?(signal: AbortSignal): Promise<number>;
  /** Leading begins; `epoch` was written into the Lease before. */
  onStartedLeading(epoch: number): void;
  /** Leading ended: what was begun as leader must end. */
  onStoppedLeading(): void;
  /**
   * A renewal went through: a quorum write, proof that the cluster is there. `lostWrite`: an earlier one that went through
   * too was not there any more, so the cluster's etcd was set back.
   */
  onRenewed?(renewal: { readonly resourceVersion: string; readonly lostWrite: boolean }): void;
  /** The Lease's annotations, with every read or write of it; before `onStartedLeading` too. */
  onObserved?(annotations: Readonly<Record<string, string>>): void;
  /** A try failed, as leader or not. */
  onFailed?(error: unknown): void;
}

export interface LeaseElector {
  readonly identity: string;
  readonly isLeader: boolean;
  start(): void;
  /** Stops, and releases a held Lease so that the next leader needs not wait; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Leader election by a Lease with a fencing epoch: at every start of leading the epoch grows by one and is written under
 * the Lease's resourceVersion before `onStartedLeading`.
 *
 * @throws RangeError for timings under which two could lead at once.
 */
export function createLeaseElector(options: LeaseElectorOptions): LeaseElector {
  return new Elector(options);
}

class Elector implements LeaseElector {
  readonly identity: string;
  readonly #options: LeaseElectorOptions;
  readonly #timings: LeaseTimings;
  readonly #annotation: string;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #observed: ObservedLease = { record: undefined, changedAtMs: 0 };
  /** The object to write over; undefined when it must be read first. */
  #lease: LeaseObject | undefined;
  #term: { readonly ended: AbortController; value: Term } | undefined;
  #lastEpoch = 0;
  #ownWrites: OwnWrites = { renewTimes: [], epoch: 0 };
  #lostWrite = false;
  /** A write was sent after which the Lease may be ours, whatever became of its answer. */
  #mayHold = false;

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    this.#timings = checkTimings({ ...leaseTimings, ...options.timings });
    this.#annotation = options.epochAnnotation ?? 'youzan-kube.youzan.com/epoch';
    this.#clock = options.clock ?? systemClock;
  }

  get isLeader(): boolean {
    return this.#term !== undefined;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#endTerm();
    if (this.#mayHold) await this.#release();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const started = this.#clock.now();
      try {
        await this.#tryTwice();
      } catch (error) {
        if (isStopped(signal)) return;
        this.#options.onFailed?.(error);
      }
      await this.#clock.wait(Math.max(0, this.#timings.retryPeriodMs - (this.#clock.now() - started)), signal);
    }
  }

  /** Others may write annotations of the Lease: a leader misses no beat for it. */
  async #tryTwice(): Promise<void> {
    try {
      await this.#try();
    } catch (error) {
      if (this.#term === undefined || !isKubeError(error, 'KUBE_CONFLICT')) throw error;
      await this.#try();
    }
  }

  async #try(): Promise<void> {
    const { signal } = this.#stop;
    // A try that hangs must not hide that the next one is due.
    const call = { signal, timeoutMs: this.#timings.retryPeriodMs };
    if (this.#term === undefined || this.#lease === undefined) await this.#read(call);
    const { record } = this.#observed;
    if (this.#term !== undefined && !isTermKept(this.#term.value, record, this.identity)) this.#endTerm();
    const decision = decideLease(this.#observed, this.identity, this.#clock.now());
    if (decision === 'wait') {
      this.#mayHold = false;
      return;
    }
    const term = this.#term;
    const floor = term === undefined ? ((await this.#options.epochFloor?.(signal)) ?? 0) : 0;
    signal.throwIfAborted();
    const epoch = term?.value.epoch ?? nextEpoch(record?.epoch ?? 0, this.#lastEpoch, floor);
    const sentAtMs = this.#clock.now();
    await this.#write(decision, epoch, call);
    const { resourceVersion = '' } = this.#observed.record ?? {};
    this.#options.onRenewed?.({ resourceVersion, lostWrite: this.#lostWrite });
    this.#lostWrite = false;
    if (term !== undefined) term.value = { epoch, renewedAtMs: sentAtMs };
    else if (!signal.aborted) this.#beginTerm({ epoch, renewedAtMs: sentAtMs });
  }

  async #read(call: { readonly signal?: AbortSignal; readonly timeoutMs: number }): Promise<void> {
    const { client, namespace, name } = this.#options;
    try {
      this.#observe(await client.get<LeaseObject>(resources.leases, { namespace, name }, call));
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
      this.#observe(undefined);
    }
    this.#lostWrite ||= isWriteLost(this.#ownWrites, this.#observed.record, this.identity);
  }

  async #write(
    decision: Exclude<LeaseDecision, 'wait'>,
    epoch: number,
    call: { readonly signal: AbortSignal; readonly timeoutMs: number },
  ): Promise<void> {
    const { client, namespace, name } = this.#options;
    const lease = heldLease(this.#lease, decision, {
      namespace,
      name,
      identity: this.identity,
      durationMs: this.#timings.leaseDurationMs,
      epochAnnotation: this.#annotation,
      epoch,
      date: this.#clock.date(),
    });
    this.#mayHold = true;
    this.#lastEpoch = epoch;
    const renewTime = lease.spec?.renewTime ?? '';
    // Until one is answered nothing can have been lost.
    const { renewTimes } = this.#ownWrites;
    if (renewTimes.length > 0)
      this.#ownWrites = { renewTimes: [...renewTimes, renewTime], epoch: this.#ownWrites.epoch };
    try {
      this.#observe(
        this.#lease === undefined
          ? await client.create(resources.leases, lease, call)
          : await client.replace(resources.leases, lease, call),
      );
      this.#ownWrites = { renewTimes: [renewTime], epoch };
    } catch (error) {
      // Somebody else wrote it, or our own write is not answered: what is there is read with the next try.
      this.#lease = undefined;
      throw error;
    }
  }

  #observe(lease: LeaseObject | undefined): void {
    this.#lease = lease;
    const record = lease === undefined ? undefined : recordOf(lease, this.#annotation);
    this.#observed = observeLease(this.#observed, record, this.#clock.now());
    if (lease !== undefined) this.#options.onObserved?.(lease.metadata.annotations ?? {});
  }

  #beginTerm(value: Term): void {
    const term = { ended: new AbortController(), value };
    this.#term = term;
    void this.#keepDeadline(term);
    this.#options.onStartedLeading(value.epoch);
  }

  /** Ends the term when its time is up, also while a call hangs. */
  async #keepDeadline(term: { readonly ended: AbortController; readonly value: Term }): Promise<void> {
    const { signal } = term.ended;
    while (!signal.aborted) {
      const leftMs = term.value.renewedAtMs + this.#timings.renewDeadlineMs - this.#clock.now();
      if (leftMs <= 0) this.#endTerm();
      else await this.#clock.wait(leftMs, signal);
    }
  }

  #endTerm(): void {
    const term = this.#term;
    if (term === undefined) return;
    this.#term = undefined;
    term.ended.abort();
    this.#options.onStoppedLeading();
  }

  /** Gives the Lease back if it is ours; read anew where the last write was not answered. */
  async #release(): Promise<void> {
    const call = { timeoutMs: releaseTimeoutMs };
    const give = async (): Promise<void> => {
      if (this.#lease === undefined) await this.#read(call);
      const lease = this.#lease;
      if (lease === undefined || this.#observed.record?.holder !== this.identity) return;
      this.#lease = undefined;
      await this.#options.client.replace(resources.leases, releasedLease(lease, this.#clock.date()), call);
    };
    try {
      await give().catch((error: unknown) => {
        if (!isKubeError(error, 'KUBE_CONFLICT')) throw error;
        return give();
      });
    } catch (error) {
      this.#options.onFailed?.(error);
    }
  }
}

const isStopped = (signal: AbortSignal): boolean => signal.aborted;
