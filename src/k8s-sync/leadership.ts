import { setTimeout as delay } from 'node:timers/promises';
import type { Gateway } from '../gateways/index.js';
import { createLeaseElector, type KubeClient, type LeaseElector, type LeaseElectorOptions } from '../kube/index.js';
import { epochOf } from './core/index.js';
import type { SyncLogger } from './k8s-sync.js';

const renewWaitMs = 1000;
const floorTimeoutMs = 2000;

export interface LeadershipOptions extends Pick<
  LeaseElectorOptions,
  'identity' | 'clock' | 'onStartedLeading' | 'onStoppedLeading' | 'onRenewed' | 'onObserved'
> {
  readonly cluster: KubeClient;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly renewMs: number;
  readonly source: string;
  readonly gateways: readonly Gateway[];
  readonly logger: SyncLogger | undefined;
}

/** Seeks the cluster's Lease; each start of leading has an epoch above all that the gateways have seen of the source. */
export class Leadership {
  readonly #options: LeadershipOptions;
  #elector: LeaseElector | undefined;
  #floor = 0;
  #isStopped = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
  }

  seek(): void {
    const {
      cluster,
      lease,
      renewMs,
      logger,
      identity,
      clock,
      onStartedLeading,
      onStoppedLeading,
      onRenewed,
      onObserved,
    } = this.#options;
    const elector = createLeaseElector({
      client: cluster,
      ...lease,
      identity,
      clock,
      timings: { retryPeriodMs: renewMs },
      epochFloor: (signal) => this.#readFloor(signal),
      onStartedLeading,
      onStoppedLeading,
      ...(onRenewed && { onRenewed }),
      ...(onObserved && { onObserved }),
      onFailed: (error) => logger?.warn({ cluster: cluster.name, error }, 'the Lease could not be renewed'),
    });
    this.#elector = elector;
    elector.start();
  }

  /** Somebody claimed our source with a greater epoch: if the Lease is still ours, lead again above it. */
  async seekAbove(epoch: number): Promise<void> {
    this.#floor = Math.max(this.#floor, epoch);
    const elector = this.#elector;
    if (elector === undefined) return;
    this.#elector = undefined;
    const { cluster, logger } = this.#options;
    logger?.warn({ cluster: cluster.name, above: epoch }, 'a greater claim is at the gateway');
    await elector.stop();
    await delay(renewWaitMs);
    if (!this.#isStopped) this.seek();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#elector?.stop();
  }

  /** The greatest epoch that any reachable instance has seen of our source; one that can't be asked says so at the claim. */
  async #readFloor(signal: AbortSignal): Promise<number> {
    const { gateways, source } = this.#options;
    const floors = await Promise.all(
      gateways.map(async (gateway) => {
        try {
          const sources = await gateway.readSources(source, { signal, timeoutMs: floorTimeoutMs });
          return Math.max(0, ...sources.map(({ generation }) => epochOf(generation)));
        } catch {
          return 0;
        }
      }),
    );
    return Math.max(this.#floor, ...floors);
  }
}
