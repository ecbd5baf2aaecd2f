import { type KubeClient, KubeError, type KubeObject } from '../../src/kube/index.js';
import type { LeaseObject } from '../../src/kube/lease-object.js';
import type { FakeClock } from './fake-clock.js';

type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'replace'>;

/** What happens to a call on its way. */
export interface Trip {
  /** Milliseconds to the server. */
  readonly there: number;
  /** Milliseconds back; `lost` when no answer comes. */
  readonly back: number | 'lost';
  /** Or it fails at once, before the server sees it. */
  readonly error?: KubeError | undefined;
}

export const good: Trip = { there: 0, back: 0 };
export const unreachable: Trip = { there: Number.POSITIVE_INFINITY, back: 'lost' };

export interface SeenWrite {
  readonly by: string;
  readonly atMs: number;
  readonly lease: LeaseObject;
}

/** The part of an API server that keeps one Lease: optimistic locking, and a network with every writer, in fake time. */
export class LeaseApi {
  readonly writes: SeenWrite[] = [];
  lease: LeaseObject | undefined;
  readonly #clock: FakeClock;
  #version = 100;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** The way of one client; `trip` says what becomes of each of its calls. */
  client(by: string, trip: () => Trip = () => good): LeaseClient {
    const call = async <T extends KubeObject>(
      {
        signal,
        timeoutMs = 15_000,
      }: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
      serve: () => KubeObject,
    ): Promise<T> => {
      const { there, back, error } = trip();
      if (error !== undefined) throw error;
      const clock = this.#clock;
      const deadline = clock.now() + timeoutMs;
      const travel = async (ms: number): Promise<void> => {
        const left = deadline - clock.now();
        await clock.wait(Math.min(ms, left), signal);
        if (signal?.aborted === true) throw new KubeError('KUBE_ABORTED', 'aborted');
        if (ms >= left) throw new KubeError('KUBE_TIMEOUT', 'no answer');
      };
      // What is on its way arrives, also when its sender no longer waits for the answer.
      const served = (async () => {
        if (there > 0) await clock.wait(there);
        return serve();
      })();
      served.catch(() => undefined);
      if (there > 0) await travel(there);
      const answer = await served;
      if (back === 'lost') await travel(Number.POSITIVE_INFINITY);
      else if (back > 0) await travel(back);
      return structuredClone(answer) as T;
    };
    return {
      get: (_type, _ref, options = {}) => call(options, () => this.#read()),
      create: (_type, object, options = {}) => call(options, () => this.#create(object, by)),
      replace: (_type, object, options = {}) => call(options, () => this.#replace(object, by)),
    };
  }

  /** A write from outside: an operator's, or another program's. */
  edit(change: (lease: LeaseObject) => LeaseObject | undefined): void {
    const changed = change(structuredClone(this.#read()));
    this.lease = undefined;
    if (changed !== undefined) this.#store(changed, 'operator');
  }

  #read(): LeaseObject {
    if (this.lease === undefined) throw new KubeError('KUBE_NOT_FOUND', 'there is no Lease');
    return this.lease;
  }

  #create(object: KubeObject, by: string): LeaseObject {
    if (this.lease !== undefined) throw new KubeError('KUBE_ALREADY_EXISTS', 'there is a Lease');
    return this.#store(object, by);
  }

  #replace(object: KubeObject, by: string): LeaseObject {
    const { metadata } = this.#read();
    if (metadata.resourceVersion !== object.metadata.resourceVersion)
      throw new KubeError('KUBE_CONFLICT', 'the Lease has been modified');
    return this.#store(object, by);
  }

  #store(object: KubeObject, by: string): LeaseObject {
    this.#version += 1;
    const stored: LeaseObject = structuredClone({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
    });
    this.lease = stored;
    this.writes.push({ by, atMs: this.#clock.now(), lease: stored });
    return stored;
  }
}
