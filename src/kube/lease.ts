import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { KubeClient } from './client.js';
import { isKubeError } from './error.js';
import type { KubeObject } from './object.js';
import { resources } from './resource.js';

/** What a Lease object says. */
export interface LeaseRecord {
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
  readonly record: LeaseRecord | undefined;
  readonly changedAtMs: number;
}

export type LeaseDecision = 'create' | 'take' | 'renew' | 'wait';

/**
 * What to do with a Lease, by client-go's rules: renew an own one, take a free or a stale one, else wait. Stale is what
 * has not changed for its own duration by the local monotonic clock.
 */
export function decideLease({ record, changedAtMs }: ObservedLease, identity: string, nowMs: number): LeaseDecision {
  if (record === undefined) return 'create';
  if (record.holder === identity) return 'renew';
  if (record.holder === '' || nowMs - changedAtMs >= record.durationSeconds * 1000) return 'take';
  return 'wait';
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

export interface LeaseElectorOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process start. Default: host name and a random UUID. */
  readonly identity?: string | undefined;
  readonly timings?: Partial<LeaseTimings> | undefined;
  /** Annotation that holds the fencing epoch. Default `youzan-kube.youzan.com/epoch`. */
  readonly epochAnnotation?: string | undefined;
  /** The greatest epoch known elsewhere (the claims at the gateways); read before each start of leading. Default 0. */
  epochFloor?(signal: AbortSignal): Promise<number>;
  /** Leading begins; `epoch` was written into the Lease before. */
  onStartedLeading(epoch: number): void;
  /** Leading ended: what was begun as leader must end. */
  onStoppedLeading(): void;
  /** A renewal went through: a quorum write, proof that the cluster is there. */
  onRenewed?(renewal: { readonly resourceVersion: string }): void;
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

/** `2026-01-02T03:04:05.678000Z`: a Lease wants six digits. */
export function microTime(date: Date): string {
  return date.toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}

/**
 * Leader election by a Lease with a fencing epoch: at every start of leading the epoch grows by one and is written under
 * the Lease's resourceVersion before `onStartedLeading`.
 */
export function createLeaseElector(options: LeaseElectorOptions): LeaseElector {
  return new Elector(options);
}

interface LeaseObject extends KubeObject {
  spec: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

class Elector implements LeaseElector {
  readonly identity: string;
  readonly #options: LeaseElectorOptions;
  readonly #timings: LeaseTimings;
  readonly #annotation: string;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #observed: ObservedLease = { record: undefined, changedAtMs: 0 };
  #lease: LeaseObject | undefined;
  #leading = false;
  #renewedAtMs = 0;

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    this.#timings = { ...leaseTimings, ...options.timings };
    this.#annotation = options.epochAnnotation ?? 'youzan-kube.youzan.com/epoch';
  }

  get isLeader(): boolean {
    return this.#leading;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (!this.#leading) return;
    this.#endLeading();
    const lease = this.#lease;
    if (lease === undefined) return;
    try {
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(new Date()) };
      await this.#options.client.replace(resources.leases, { ...lease, spec }, { timeoutMs: 2000 });
    } catch (error) {
      this.#options.onFailed?.(error);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const started = performance.now();
      try {
        await this.#try();
      } catch (error) {
        if (isStopped(signal)) return;
        this.#options.onFailed?.(error);
      }
      if (this.#leading && performance.now() - this.#renewedAtMs > this.#timings.renewDeadlineMs) this.#endLeading();
      await pause(Math.max(0, this.#timings.retryPeriodMs - (performance.now() - started)), signal);
    }
  }

  async #try(): Promise<void> {
    const { retryPeriodMs } = this.#timings;
    // A try that hangs must not hide that the next one is due.
    const call = { signal: this.#stop.signal, timeoutMs: retryPeriodMs };
    const { client, namespace, name } = this.#options;
    if (!this.#leading || this.#lease === undefined) {
      try {
        this.#observe(await client.get<LeaseObject>(resources.leases, { namespace, name }, call));
      } catch (error) {
        if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
        this.#lease = undefined;
        this.#observed = { record: undefined, changedAtMs: performance.now() };
      }
    }
    const decision = decideLease(this.#observed, this.identity, performance.now());
    if (decision === 'wait') {
      if (this.#leading) this.#endLeading();
      return;
    }
    const begins = !this.#leading;
    const floor = begins ? ((await this.#options.epochFloor?.(this.#stop.signal)) ?? 0) : 0;
    const epoch = begins ? Math.max(this.#observed.record?.epoch ?? 0, floor) + 1 : (this.#observed.record?.epoch ?? 0);
    try {
      const written = await this.#write(decision, epoch, call);
      this.#observe(written);
    } catch (error) {
      // Somebody else wrote it: read it anew with the next try.
      if (isKubeError(error, 'KUBE_CONFLICT') || isKubeError(error, 'KUBE_NOT_FOUND')) this.#lease = undefined;
      throw error;
    }
    this.#renewedAtMs = performance.now();
    this.#options.onRenewed?.({ resourceVersion: this.#observed.record?.resourceVersion ?? '' });
    if (begins && !this.#stop.signal.aborted) {
      this.#leading = true;
      this.#options.onStartedLeading(epoch);
    }
  }

  async #write(
    decision: LeaseDecision,
    epoch: number,
    call: { signal: AbortSignal; timeoutMs: number },
  ): Promise<LeaseObject> {
    const { client, namespace, name } = this.#options;
    const now = microTime(new Date());
    const former = this.#lease;
    const spec = {
      holderIdentity: this.identity,
      leaseDurationSeconds: Math.ceil(this.#timings.leaseDurationMs / 1000),
      acquireTime: decision === 'renew' ? (former?.spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (former?.spec.leaseTransitions ?? 0) + (decision === 'take' ? 1 : 0),
    };
    const annotations = { ...former?.metadata.annotations, [this.#annotation]: String(epoch) };
    if (former === undefined) {
      return await client.create<LeaseObject>(
        resources.leases,
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name, annotations }, spec },
        call,
      );
    }
    return await client.replace<LeaseObject>(
      resources.leases,
      { ...former, metadata: { ...former.metadata, annotations }, spec },
      call,
    );
  }

  #observe(lease: LeaseObject): void {
    this.#lease = lease;
    const { holderIdentity = '', leaseDurationSeconds = 0, renewTime = '', leaseTransitions = 0 } = lease.spec;
    const epoch = Number(lease.metadata.annotations?.[this.#annotation] ?? 0);
    const record: LeaseRecord = {
      holder: holderIdentity,
      durationSeconds: leaseDurationSeconds,
      renewTime,
      transitions: leaseTransitions,
      epoch: Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0,
      resourceVersion: lease.metadata.resourceVersion ?? '',
    };
    const former = this.#observed.record;
    const changed = former === undefined || former.holder !== record.holder || former.renewTime !== record.renewTime;
    this.#observed = { record, changedAtMs: changed ? performance.now() : this.#observed.changedAtMs };
  }

  #endLeading(): void {
    this.#leading = false;
    this.#options.onStoppedLeading();
  }
}

const isStopped = (signal: AbortSignal): boolean => signal.aborted;

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
