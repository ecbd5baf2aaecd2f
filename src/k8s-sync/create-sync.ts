import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { sourceName, youzanConventions } from '../conventions/index.js';
import { createLeaseElector, type LeaseElector } from '../kube/index.js';
import {
  epochOf,
  initialState,
  step,
  type SyncConfig,
  type SyncEffect,
  type SyncEvent,
  syncGuards,
  type SyncPhase,
  syncRules,
  type SyncState,
  syncTimings,
} from './core/index.js';
import { explain, type Explanation } from './explain.js';
import { GatewayRunner } from './gateway-runner.js';
import { eventLine, snapshotLine } from './journal.js';
import type { K8sSync, K8sSyncOptions, SyncNotice } from './k8s-sync.js';
import { SyncCounters, type SyncMetrics } from './metrics.js';
import { Notices } from './notices.js';
import { planSync, type SyncPlan } from './plan.js';
import { prove } from './prove.js';
import { SliceWatch } from './slice-watch.js';

const stopDeadlineMs = 3000;
const renewEpochWaitMs = 1000;

const failureWords = {
  'claim-failed': 'did not take the claim',
  'sources-failed': "did not say what it has of the cluster's source",
  'read-failed': 'did not say what an upstream has',
  'write-failed': 'did not take a write',
  'confirm-failed': 'did not say whether its workers have a write',
} as const;

/**
 * The syncer of one cluster: carries its apps' endpoints to every gateway instance. Each cluster has one of its own, with
 * its own Lease, connection and source, so that nothing that happens to one reaches another.
 *
 * @example
 * const sync = createK8sSync({ cluster: client, idc: 'bc', gateways: [gateway] });
 * await sync.start();
 */
export function createK8sSync(options: K8sSyncOptions): K8sSync {
  return new Syncer(options);
}

class Syncer implements K8sSync {
  readonly cluster: string;
  readonly #options: K8sSyncOptions;
  readonly #counters = new SyncCounters();
  readonly #notices = new Notices();
  readonly #propagation = new Set<(ms: number) => void>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #gateways: GatewayRunner;
  readonly #slices: SliceWatch;
  readonly #stop = new AbortController();
  #state: SyncState;
  #elector: LeaseElector | undefined;

  #epochFloor = 0;
  #running = false;
  #stopping: Promise<void> | undefined;

  constructor(options: K8sSyncOptions) {
    this.#options = options;
    this.cluster = options.cluster.name;
    this.#state = initialState(configOf(options));
    this.#gateways = new GatewayRunner(options.gateways, this.#state.config, (event) => this.#dispatch(event));
    const { cluster, namespace, conventions = youzanConventions, logger } = options;
    this.#slices = new SliceWatch({
      cluster,
      namespace,
      conventions,
      logger,
      onChanges: (changes) => this.#dispatch({ type: 'slices', changes }),
    });
  }

  start(): Promise<void> {
    if (!this.#running) {
      this.#running = true;
      this.#options.journal?.(snapshotLine(this.#state, this.#now()));
      this.#slices.begin();
      this.#elect();
    }
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  state(): SyncPhase {
    return this.#state.health.phase;
  }

  plan({ signal = this.#stop.signal }: { readonly signal?: AbortSignal } = {}): Promise<SyncPlan> {
    const { cluster, gateways, namespace, conventions = youzanConventions } = this.#options;
    return planSync({ client: cluster, gateways, namespace, conventions, config: this.#state.config, signal });
  }

  explain(ip: string): Explanation {
    return explain(this.#state, ip);
  }

  metrics(): SyncMetrics {
    return this.#counters.metrics(this.#state, this.#now());
  }

  events(): AsyncIterable<SyncNotice> {
    return this.#notices.read();
  }

  onPropagation(listener: (ms: number) => void): () => void {
    this.#propagation.add(listener);
    return () => void this.#propagation.delete(listener);
  }

  override(upstream: string, word: { readonly reason: string; readonly actor: string }): void {
    this.#dispatch({ type: 'override', upstream, ...word });
  }

  freeze(): void {
    this.#dispatch({ type: 'freeze' });
  }

  unfreeze(): void {
    this.#dispatch({ type: 'unfreeze' });
  }

  resync(): void {
    this.#dispatch({ type: 'resync' });
  }

  #now(): number {
    return performance.now();
  }

  #dispatch(event: SyncEvent): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#now();
    this.#options.journal?.(eventLine(event, now));
    const { state, effects } = step(this.#state, event, now);
    this.#state = state;
    if (event.type === 'leading' || event.type === 'not-leading') {
      this.#notices.push(event);
      this.#options.logger?.info(
        { cluster: this.cluster, ...event },
        event.type === 'leading' ? 'leading' : 'no longer leading',
      );
    }
    if ('failure' in event) {
      const { gateway, failure } = event;
      const what = failureWords[event.type];
      this.#options.logger?.warn(
        { cluster: this.cluster, ...event },
        `${gateway} ${what}: ${failure.code}: ${failure.message}`,
      );
    }
    for (const effect of effects) this.#run(effect, now);
  }

  #run(effect: SyncEffect, now: number): void {
    this.#counters.count(effect);
    switch (effect.type) {
      case 'claim':
      case 'read-sources':
      case 'read':
      case 'write':
      case 'confirm':
        this.#gateways.run(effect);
        break;
      case 'prove':
        void this.#prove(effect);
        break;
      case 'relist':
        this.#slices.begin();
        break;
      case 'renew-epoch':
        void this.#renewEpoch(effect.above);
        break;
      case 'timer': {
        clearTimeout(this.#timers.get(effect.name));
        // A timer may fire a little early by the monotonic clock: one millisecond makes sure that its time has come.
        const timer = setTimeout(
          () => this.#dispatch({ type: 'timer', name: effect.name }),
          Math.max(0, effect.at - now) + 1,
        );
        this.#timers.set(effect.name, timer);
        break;
      }
      case 'phase':
        this.#options.logger?.warn({ cluster: this.cluster, ...effect }, `${this.cluster} is ${effect.to}`);
        this.#notices.push(effect);
        break;
      case 'count-write':
        this.#notices.push({ type: 'written', gateway: effect.gateway, upstream: '', result: effect.result });
        break;
      case 'count-guard':
        this.#options.logger?.error(
          { cluster: this.cluster, ...effect },
          `${effect.upstream}: the ${effect.guard} guard holds a removal`,
        );
        this.#notices.push({ type: 'guard', upstream: effect.upstream, guard: effect.guard, servers: effect.servers });
        break;
      case 'propagated':
        this.#notices.push(effect);
        for (const listener of this.#propagation) listener(effect.ms);
        break;
    }
  }

  async #prove(effect: Extract<SyncEffect, { type: 'prove' }>): Promise<void> {
    const { upstream } = effect;
    try {
      this.#dispatch({ type: 'proof', upstream, ...(await prove(this.#options.cluster, effect, this.#stop.signal)) });
    } catch (error) {
      if (!this.#stop.signal.aborted)
        this.#options.logger?.warn(
          { cluster: this.cluster, upstream, error },
          `${upstream}: whether the pods of held servers are gone can't be seen`,
        );
      this.#dispatch({
        type: 'proof-failed',
        upstream,
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #elect(): void {
    const { cluster, lease = { namespace: 'default', name: 'k8s-sync' }, renewMs = 2000, logger } = this.#options;
    const elector = createLeaseElector({
      client: cluster,
      ...lease,
      identity: this.#state.config.writer,
      timings: { retryPeriodMs: renewMs },
      epochFloor: (signal) => this.#readEpochFloor(signal),
      onStartedLeading: (epoch) => this.#dispatch({ type: 'leading', epoch }),
      onStoppedLeading: () => this.#dispatch({ type: 'not-leading' }),
      onRenewed: (renewal) => this.#dispatch({ type: 'heartbeat', ...renewal }),
      onFailed: (error) => logger?.warn({ cluster: this.cluster, error }, 'the Lease could not be renewed'),
    });
    this.#elector = elector;
    elector.start();
  }

  /** The greatest epoch that any reachable instance has seen of our source; one that can't be asked says so at the claim. */
  async #readEpochFloor(signal: AbortSignal): Promise<number> {
    const floors = await Promise.all(
      this.#options.gateways.map(async (gateway) => {
        try {
          const sources = await gateway.readSources(this.#state.config.source, { signal, timeoutMs: 2000 });
          return Math.max(0, ...sources.map(({ generation }) => epochOf(generation)));
        } catch {
          return 0;
        }
      }),
    );
    return Math.max(this.#epochFloor, ...floors);
  }

  /** Somebody claimed our source with a greater epoch: if the Lease is still ours, lead again above it. */
  async #renewEpoch(above: number): Promise<void> {
    this.#epochFloor = Math.max(this.#epochFloor, above);
    const elector = this.#elector;
    if (elector === undefined) return;
    this.#elector = undefined;
    this.#options.logger?.warn({ cluster: this.cluster, above }, 'a greater claim is at the gateway');
    await elector.stop();
    await delay(renewEpochWaitMs);
    if (!this.#stop.signal.aborted) this.#elect();
  }

  async #end(): Promise<void> {
    const deadline = performance.now() + stopDeadlineMs;
    await this.#gateways.settled(deadline);
    await this.#elector?.stop();
    this.#stop.abort(new Error('the syncer was stopped'));
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#gateways.abort();
    await this.#slices.stop();
    this.#notices.end();
  }
}

function configOf(options: K8sSyncOptions): SyncConfig {
  const { conventions = youzanConventions } = options;
  return {
    cluster: options.cluster.name,
    source: sourceName(options.idc, options.cluster.name),
    writer: options.identity ?? `${hostname()}_${randomUUID()}`,
    gateways: options.gateways.map(({ name }) => name),
    weight: conventions.serverWeight,
    timings: { ...syncTimings, ...options.timings },
    guards: { ...syncGuards, ...options.guards },
    rules: { ...syncRules, ...options.rules },
  };
}
