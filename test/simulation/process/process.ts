import {
  epochOf,
  initialState,
  type SliceChange,
  step,
  type SyncConfig,
  type SyncEffect,
  type SyncEvent,
  type SyncState,
  type TimerName,
} from '../../../src/k8s-sync/core/index.js';
import { GatewayRunner } from '../../../src/k8s-sync/gateway-runner.js';
import { eventLine, snapshotLine } from '../../../src/k8s-sync/journal.js';
import type { Clock } from '../clock.js';
import type { ClusterApi } from '../cluster/api.js';
import type { GatewayInstance } from '../gateway/instance.js';
import { GatewayLink } from '../gateway/link.js';
import type { Oracle } from '../oracle/oracle.js';
import type { Random } from '../random.js';
import type { Timeline } from '../timeline.js';
import type { Trace } from '../trace.js';
import { ApiLink } from './api-link.js';
import { ElectorModel } from './elector.js';
import type { Host } from './host.js';
import { prove } from './prove.js';
import { ReflectorModel } from './reflector.js';

/** What a process finds around it. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly trace: Trace;
  readonly oracle: Oracle;
  readonly instances: readonly GatewayInstance[];
  readonly crashed: (process: SyncProcess, error: unknown) => void;
  readonly keepsJournal: boolean;
}

/** One process that runs the core, as `create-sync.ts` does, in virtual time. */
export class SyncProcess implements Host {
  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
  readonly api: ApiLink;
  readonly #around: Surroundings;
  readonly #gateways: readonly GatewayLink[];
  readonly #runner: GatewayRunner;
  readonly #timers = new Map<TimerName, { readonly at: number; cancel: () => void }>();
  #state: SyncState;
  #reflector: ReflectorModel | undefined;
  #elector: ElectorModel | undefined;
  #epochFloor = 0;
  #isDead = false;
  #pausedAt: number | undefined;
  #inbox: (() => void)[] = [];
  journal = '';

  constructor(around: Surroundings, cluster: ClusterApi, clock: Clock, config: SyncConfig) {
    this.#around = around;
    this.name = config.writer;
    this.source = config.source;
    this.clock = clock;
    this.#state = initialState(config);
    this.api = new ApiLink(around.timeline, around.random, this, cluster);
    this.#gateways = around.instances.map((one) => new GatewayLink(around.timeline, around.random, this, one));
    this.#runner = new GatewayRunner(this.#gateways, config, (event) => this.dispatch(event));
  }

  get state(): SyncState {
    return this.#state;
  }

  get isAlive(): boolean {
    return !this.#isDead;
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  start(): void {
    if (this.#around.keepsJournal) this.journal += snapshotLine(this.#state, this.clock.now());
    this.#watch();
    this.#elect();
  }

  crash(): void {
    this.#isDead = true;
    this.#around.trace.add(this.name, 'dies');
    this.#reflector?.stop();
    for (const { cancel } of this.#timers.values()) cancel();
  }

  /** Gives the Lease back, then dies. */
  async handOver(): Promise<void> {
    await this.#elector?.stop();
    if (this.isAlive) this.crash();
  }

  pause(): void {
    this.#pausedAt ??= this.#around.timeline.now;
  }

  /** Goes on; with `clockStoodStill` the whole machine was suspended. Timers and answers come in either order. */
  resume(clockStoodStill: boolean): void {
    const { random, trace } = this.#around;
    if (this.#pausedAt === undefined || this.#isDead) return;
    if (clockStoodStill) this.clock.stoodStill(this.#pausedAt);
    this.#pausedAt = undefined;
    trace.add(this.name, 'resumes');
    const waiting = this.#inbox;
    this.#inbox = [];
    if (random.chance(0.5)) this.#fireDue();
    for (const run of waiting) this.receive(run);
    this.#armAgain();
  }

  /** The monotonic clock jumps: timers are due earlier. */
  jump(byMs: number): void {
    this.clock.jump(byMs);
    this.#armAgain();
  }

  receive(run: () => void): void {
    if (this.#isDead) return;
    if (this.#pausedAt !== undefined) this.#inbox.push(run);
    else run();
  }

  sleep(ms: number): Promise<void> {
    const { timeline } = this.#around;
    return new Promise((resolve) => {
      const wake = (): void => {
        resolve();
        timeline.noteSettled();
      };
      timeline.after(ms, () => this.receive(wake));
    });
  }

  /** An operator's word. */
  tell(event: SyncEvent): void {
    this.receive(() => this.dispatch(event));
  }

  dispatch(event: SyncEvent): void {
    if (this.#isDead) return;
    const { trace, oracle, crashed, keepsJournal } = this.#around;
    const now = this.clock.now();
    if (event.type !== 'heartbeat') trace.add(this.name, event);
    if (keepsJournal) this.journal += eventLine(event, now);
    oracle.observe(this, event);
    try {
      const { state, effects } = step(this.#state, event, now);
      this.#state = state;
      for (const effect of effects) this.#run(effect);
    } catch (error) {
      crashed(this, error);
    }
  }

  #run(effect: SyncEffect): void {
    const { trace, oracle } = this.#around;
    if (effect.type !== 'timer') trace.add(`${this.name} ->`, effect);
    switch (effect.type) {
      case 'write':
        oracle.emitted(this, effect);
        this.#runner.run(effect);
        break;
      case 'claim':
      case 'read-sources':
      case 'read':
      case 'confirm':
        this.#runner.run(effect);
        break;
      case 'prove':
        void this.#prove(effect);
        break;
      case 'relist':
        this.#watch();
        break;
      case 'renew-epoch':
        void this.#renewEpoch(effect.above);
        break;
      case 'timer':
        this.#arm(effect.name, effect.at);
        break;
    }
  }

  #arm(name: TimerName, at: number): void {
    const { timeline } = this.#around;
    this.#timers.get(name)?.cancel();
    const fire = (): void => {
      if (this.isPaused || this.#isDead) return;
      this.#timers.delete(name);
      this.dispatch({ type: 'timer', name });
    };
    // As in the real shell: a millisecond more, so that its time has come.
    this.#timers.set(name, { at, cancel: timeline.after(this.clock.until(at) + 1, fire) });
  }

  #fireDue(): void {
    for (const [name, { at, cancel }] of [...this.#timers]) {
      if (at > this.clock.now()) continue;
      cancel();
      this.#timers.delete(name);
      this.dispatch({ type: 'timer', name });
    }
  }

  #armAgain(): void {
    for (const [name, { at }] of [...this.#timers]) this.#arm(name, at);
  }

  #watch(): void {
    this.#reflector?.stop();
    const { timeline, oracle } = this.#around;
    const emit = (changes: readonly SliceChange[]): void => this.dispatch({ type: 'slices', changes });
    this.#reflector = new ReflectorModel(timeline, this, this.api, oracle.of(this), emit);
    this.#reflector.start();
  }

  #elect(): void {
    this.#elector = new ElectorModel(this, this.api, this.name, {
      epochFloor: () => this.#readEpochFloor(),
      leading: (epoch) => this.dispatch({ type: 'leading', epoch }),
      notLeading: () => this.dispatch({ type: 'not-leading' }),
      renewed: (resourceVersion, lostWrite) => this.dispatch({ type: 'heartbeat', resourceVersion, lostWrite }),
    });
    this.#elector.start();
  }

  async #readEpochFloor(): Promise<number> {
    const { source } = this.#state.config;
    const floors = await Promise.all(
      this.#gateways.map((gateway) =>
        gateway.readSources(source, { timeoutMs: 2000 }).then(
          (sources) => Math.max(0, ...sources.map(({ generation }) => epochOf(generation))),
          () => 0,
        ),
      ),
    );
    return Math.max(this.#epochFloor, ...floors);
  }

  async #renewEpoch(above: number): Promise<void> {
    this.#epochFloor = Math.max(this.#epochFloor, above);
    const elector = this.#elector;
    if (elector === undefined) return;
    this.#elector = undefined;
    await elector.stop();
    await this.sleep(1000);
    if (this.isAlive) this.#elect();
  }

  async #prove(effect: Extract<SyncEffect, { type: 'prove' }>): Promise<void> {
    const { upstream } = effect;
    try {
      const proof = await this.api.call(5000, () => prove(this.api.api, effect));
      this.dispatch({ type: 'proof', upstream, ...proof });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.dispatch({ type: 'proof-failed', upstream, reason });
    }
  }
}
