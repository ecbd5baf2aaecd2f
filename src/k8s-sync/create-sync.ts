import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { sourceName, youzanConventions } from '../conventions/index.js';
import { type Clock, systemClock } from '../kube/clock.js';
import { beginChronicle, type Chronicle, continueChronicle } from './chronicle.js';
import { ConflictWatch } from './conflicts/index.js';
import {
  initialState,
  type NodeChange,
  type OperatorWord,
  step,
  type SyncConfig,
  type SyncEffect,
  type SyncEvent,
  syncGuards,
  type SyncPhase,
  syncRules,
  type SyncState,
  syncTimings,
  type TimerName,
} from './core/index.js';
import { explain, type Explanation } from './explain.js';
import { GatewayRunner } from './gateway-runner.js';
import { GuardEvents, heldServices } from './guard-events/index.js';
import { eventLine, snapshotLine } from './journal.js';
import type { K8sSync, K8sSyncOptions, KeptOrder, SetTraffic, SyncNotice, TrafficSet } from './k8s-sync.js';
import { Leadership } from './leadership.js';
import { SyncCounters, type SyncMetrics } from './metrics.js';
import { NodeWatch } from './node-watch.js';
import { Notices } from './notices.js';
import { planSync, type SyncPlan } from './plan.js';
import { proofEvent } from './prove.js';
import { SliceWatch } from './slice-watch.js';
import { StandingOrders } from './standing-orders.js';
import { statusOf, type SyncStatus } from './status.js';
import { logEffect, logEvent } from './sync-log.js';
import { Timers } from './timers.js';
import { viewTraffic } from './traffic.js';

const stopDeadlineMs = 3000;

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
  readonly #timers: Timers<TimerName>;
  readonly #clock: Clock;
  readonly #gateways: GatewayRunner;
  readonly #slices: SliceWatch;
  readonly #nodes: NodeWatch | undefined;
  readonly #leadership: Leadership;
  readonly #orders: StandingOrders;
  readonly #guardEvents: GuardEvents;
  readonly #conflicts: ConflictWatch;
  readonly #stop = new AbortController();
  #state: SyncState;
  #chronicle: Chronicle;
  #running = false;
  #stopping: Promise<void> | undefined;

  constructor(options: K8sSyncOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timers = new Timers(this.#clock, (name) => this.#dispatch({ type: 'timer', name }));
    this.#chronicle = beginChronicle(this.#now());
    this.cluster = options.cluster.name;
    this.#state = initialState(configOf(options));
    this.#gateways = new GatewayRunner(options.gateways, this.#state.config, (event) => this.#dispatch(event));
    const { cluster, namespace, conventions = youzanConventions, logger, initialLists } = options;
    this.#slices = new SliceWatch({
      cluster,
      namespace,
      conventions,
      logger,
      initialLists,
      clock: this.#clock,
      onChanges: (changes) => this.#dispatch({ type: 'slices', changes }),
    });
    const onNodes = (changes: readonly NodeChange[]): void => this.#dispatch({ type: 'nodes', changes });
    this.#nodes =
      namespace === undefined ? new NodeWatch({ cluster, logger, clock: this.#clock, onChanges: onNodes }) : undefined;
    const { gateways, lease = { namespace: 'default', name: 'k8s-sync' }, renewMs = 2000 } = options;
    const { source, writer: identity } = this.#state.config;
    this.#conflicts = new ConflictWatch({
      cluster: this.cluster,
      gateways,
      source,
      logger,
      clock: this.#clock,
      isWriting: (gateway) => this.#gateways.isWriting(gateway),
      onNotice: (notice) => this.#notices.push(notice),
    });
    this.#guardEvents = new GuardEvents({
      cluster,
      writer: identity,
      logger,
      clock: this.#clock,
      signal: this.#stop.signal,
      held: (group) => heldServices(this.#state, group),
    });
    this.#orders = new StandingOrders({
      cluster,
      lease,
      signal: this.#stop.signal,
      logger,
      onOrder: (event) => this.#dispatch(event),
    });
    this.#leadership = new Leadership({
      cluster,
      gateways,
      lease,
      renewMs,
      source,
      identity,
      logger,
      clock: this.#clock,
      onStartedLeading: (epoch) => this.#dispatch({ type: 'leading', epoch }),
      onStoppedLeading: () => this.#dispatch({ type: 'not-leading' }),
      onObserved: (annotations) => this.#orders.observed(annotations),
      onRenewed: (renewal) => this.#dispatch({ type: 'heartbeat', ...renewal }),
    });
  }

  start(): Promise<void> {
    if (!this.#running) {
      this.#running = true;
      this.#options.journal?.(snapshotLine(this.#state, this.#now(), new Date().toISOString()));
      this.#nodes?.begin();
      this.#slices.begin();
      this.#leadership.seek();
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
    const { config, traffic } = this.#state;
    return planSync({ client: cluster, gateways, namespace, conventions, config, traffic, signal });
  }

  status(): SyncStatus {
    return statusOf(this.#state, this.#chronicle, this.#now(), this.#conflicts.conflicts);
  }

  explain(of: string): Explanation {
    return explain(this.#state, of, this.#conflicts.conflicts);
  }

  metrics(): SyncMetrics {
    return this.#counters.metrics(this.#state, this.#conflicts.conflicts, this.#now());
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

  freeze(word: OperatorWord = {}): Promise<KeptOrder> {
    return this.#orders.freeze(word);
  }

  unfreeze(word: OperatorWord = {}): Promise<KeptOrder> {
    return this.#orders.unfreeze(word);
  }

  async setTraffic(order: SetTraffic): Promise<TrafficSet> {
    const { gateways, idc } = this.#options;
    const changes = await viewTraffic(order, { gateways, idc, config: this.#state.config, signal: this.#stop.signal });
    if (order.dryRun === true) return { kept: null, changes };
    const { percent, actor, reason } = order;
    await this.#orders.traffic(percent, { actor, ...(reason !== undefined && { reason }) });
    return { kept: 'lease', changes };
  }

  resync(word: OperatorWord = {}): void {
    this.#dispatch({ type: 'resync', ...word });
  }

  #now(): number {
    return this.#clock.now();
  }

  #dispatch(event: SyncEvent): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#now();
    this.#options.journal?.(eventLine(event, now));
    const { state, effects } = step(this.#state, event, now);
    this.#state = state;
    this.#chronicle = continueChronicle(this.#chronicle, event, effects, now);
    logEvent(this.#options.logger, this.cluster, event);
    if (event.type === 'leading' || event.type === 'not-leading') this.#notices.push(event);
    for (const effect of effects) this.#run(effect, now);
    this.#conflicts.follow(state, event);
  }

  #run(effect: SyncEffect, now: number): void {
    const { cluster, namespace, logger } = this.#options;
    this.#counters.count(effect);
    logEffect(logger, this.cluster, effect);
    switch (effect.type) {
      case 'claim':
      case 'read-sources':
      case 'read':
      case 'write':
      case 'confirm':
        this.#gateways.run(effect);
        break;
      case 'prove':
        void proofEvent(cluster, effect, { namespace, logger, signal: this.#stop.signal }).then((event) =>
          this.#dispatch(event),
        );
        break;
      case 'relist':
        this.#slices.begin();
        break;
      case 'renew-epoch':
        void this.#leadership.seekAbove(effect.above);
        break;
      case 'timer':
        // A timer may fire a little early by the monotonic clock: one millisecond makes sure that its time has come.
        this.#timers.set(effect.name, Math.max(0, effect.at - now) + 1);
        break;
      case 'phase':
      case 'nodes-lost':
        this.#notices.push(effect);
        break;
      case 'count-write':
        this.#notices.push({ ...effect, type: 'written' });
        break;
      case 'count-guard':
        this.#notices.push({ type: 'guard', upstream: effect.upstream, guard: effect.guard, servers: effect.servers });
        this.#guardEvents.tripped(effect);
        break;
      case 'propagated':
        this.#notices.push(effect);
        for (const listener of this.#propagation) listener(effect.ms);
        break;
    }
  }

  async #end(): Promise<void> {
    const deadline = performance.now() + stopDeadlineMs;
    await this.#gateways.settled(deadline);
    await this.#leadership.stop();
    this.#stop.abort(new Error('the syncer was stopped'));
    this.#timers.clear();
    this.#gateways.abort();
    this.#conflicts.end();
    await Promise.all([this.#slices.stop(), this.#nodes?.stop(), this.#guardEvents.ended()]);
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
