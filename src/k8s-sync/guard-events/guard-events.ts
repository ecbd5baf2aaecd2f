import { isKubeError } from '../../kube/index.js';
import type { SyncLogger } from '../k8s-sync.js';
import { EventWriter, type EventWriterOptions } from './event-writer.js';
import type { HeldGroup, HeldService } from './held-services.js';
import { type Bucket, type BucketRules, fullBucket, takeToken } from './token-bucket.js';

/** Most holds end by proof sooner than this, say at a scale to 0, and are no news. */
const settleMs = 2000;
/** What is beyond is left out. */
const mostWaiting = 1000;
const rate: BucketRules = { size: 25, everyMs: 1000 };
/** Where Events may not be written, it is not tried again for so long. */
const refusedMs = 600_000;

export interface GuardEventsOptions extends EventWriterOptions {
  readonly logger: SyncLogger | undefined;
  /** What is held at this moment. */
  held(group: HeldGroup): readonly HeldService[];
}

/**
 * Tells of what guards hold by Events on the Services, at a bounded rate, one after the other. The syncer never waits for it:
 * what can't be written is left out.
 */
export class GuardEvents {
  readonly #options: GuardEventsOptions;
  readonly #writer: EventWriter;
  /** By upstream and group, in the order of their time. */
  readonly #waiting = new Map<string, HeldGroup & { times: number; readonly at: number }>();
  /** By namespace, until when. */
  readonly #refused = new Map<string, number>();
  #bucket: Bucket;
  #isFailing = false;
  #telling: Promise<void> | undefined;

  constructor(options: GuardEventsOptions) {
    this.#options = options;
    this.#writer = new EventWriter(options);
    this.#bucket = fullBucket(rate, options.clock.now());
  }

  /** A guard holds something of a group, or something else than before. */
  tripped({ upstream, group }: HeldGroup): void {
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    const id = `${upstream} ${group}`;
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) waiting.times += 1;
    else if (this.#waiting.size < mostWaiting)
      this.#waiting.set(id, { upstream, group, times: 1, at: clock.now() + settleMs });
    this.#telling ??= this.#tellAll();
  }

  /** Ends once the signal is aborted. */
  async ended(): Promise<void> {
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    const { clock, signal } = this.#options;
    for (const [id, { at, ...group }] of this.#waiting) {
      await this.#wait(at - clock.now());
      if (signal.aborted) return;
      const { times } = this.#waiting.get(id) ?? group;
      this.#waiting.delete(id);
      for (const held of this.#options.held(group)) await this.#tell(held, times);
    }
    this.#telling = undefined;
  }

  async #tell(held: HeldService, times: number): Promise<void> {
    const { clock, signal } = this.#options;
    if ((this.#refused.get(held.namespace) ?? 0) > clock.now()) return;
    const { bucket, waitMs } = takeToken(this.#bucket, rate, clock.now());
    this.#bucket = bucket;
    await this.#wait(waitMs);
    if (signal.aborted) return;
    try {
      await this.#writer.write(held, times);
      this.#refused.delete(held.namespace);
      this.#isFailing = false;
    } catch (error) {
      this.#failed(held, error);
    }
  }

  async #wait(ms: number): Promise<void> {
    const { clock, signal } = this.#options;
    if (ms > 0) await clock.wait(ms, signal);
  }

  /** Said once, until one gets through again. */
  #failed({ namespace, service }: HeldService, error: unknown): void {
    const { cluster, clock, signal, logger } = this.#options;
    if (signal.aborted) return;
    if (isKubeError(error, 'KUBE_FORBIDDEN')) this.#refused.set(namespace, clock.now() + refusedMs);
    if (!this.#isFailing)
      logger?.warn(
        { cluster: cluster.name, namespace, service, error },
        `${namespace}/${service}: the Event about a guard can't be written; it is left out`,
      );
    this.#isFailing = true;
  }
}
