import { type SyncConfig, syncGuards, type SyncRules, syncRules, syncTimings } from '../../src/k8s-sync/core/index.js';
import { Clock } from './clock.js';
import type { ClusterApi } from './cluster/api.js';
import { Cluster } from './cluster/cluster.js';
import { GatewayInstance } from './gateway/instance.js';
import { Oracle, type Violation } from './oracle/oracle.js';
import { SyncProcess } from './process/process.js';
import type { Random } from './random.js';
import { Timeline } from './timeline.js';
import { Trace } from './trace.js';

export interface WorldOptions {
  readonly rules: Partial<SyncRules>;
  readonly keepsJournal: boolean;
  /** Lines of the trace that are kept. */
  readonly traceLines: number;
}

/** Two clusters of one IDC, the processes that sync them, and the gateway instances that they write to. */
export class World {
  readonly timeline = new Timeline();
  readonly trace: Trace;
  readonly clusters: readonly Cluster[];
  readonly oracle: Oracle;
  readonly #random: Random;
  readonly #options: WorldOptions;
  #instances: readonly GatewayInstance[] = [];
  #processes: SyncProcess[] = [];
  #starts = 0;
  violation: Violation | undefined;

  private constructor(random: Random, options: WorldOptions) {
    this.#random = random;
    this.#options = options;
    this.trace = new Trace(this.timeline, options.traceLines);
    this.oracle = new Oracle(
      () => this.timeline.now,
      (violation) => this.fail(violation),
    );
    this.clusters = ['bc-a', 'bc-b'].map((name, index) => new Cluster(this.timeline, random, name, `10.${index}.0`));
  }

  static async start(random: Random, options: WorldOptions): Promise<World> {
    const world = new World(random, options);
    const instances: GatewayInstance[] = [];
    for (let number = 1; number <= random.between(2, 3); number += 1)
      instances.push(
        await GatewayInstance.open(world.timeline, random, `bc-${number}`, (write) => world.oracle.wasApplied(write)),
      );
    world.#instances = instances;
    for (const { api } of world.clusters)
      for (let count = random.between(1, 2); count > 0; count -= 1) world.startProcess(api);
    for (const cluster of world.clusters) cluster.start();
    return world;
  }

  get now(): number {
    return this.timeline.now;
  }

  get instances(): readonly GatewayInstance[] {
    return this.#instances;
  }

  get living(): readonly SyncProcess[] {
    return this.#processes.filter(({ isAlive }) => isAlive);
  }

  get all(): readonly SyncProcess[] {
    return this.#processes;
  }

  after(ms: number, run: () => void): void {
    this.timeline.after(ms, run);
  }

  /** The first broken rule ends the run. */
  fail(violation: Violation): void {
    if (this.violation !== undefined) return;
    this.violation = violation;
    this.trace.add('oracle', `${violation.invariant}: ${violation.message}`);
    this.timeline.end();
  }

  cluster(): Cluster {
    return this.#one(this.clusters);
  }

  instance(): GatewayInstance {
    return this.#one(this.#instances);
  }

  /** One living process, or all of one cluster. */
  processes(allOfACluster: boolean): readonly SyncProcess[] {
    const process = this.#random.pick(this.living);
    if (process === undefined) return [];
    return allOfACluster ? this.living.filter(({ api }) => api.api === process.api.api) : [process];
  }

  startProcess(cluster: ClusterApi): void {
    this.#starts += 1;
    const { rules, keepsJournal } = this.#options;
    const config: SyncConfig = {
      cluster: cluster.name,
      source: `k8s.bc.${cluster.name}`,
      writer: `${cluster.name}/p${this.#starts}`,
      gateways: this.#instances.map(({ name }) => name),
      weight: 100,
      timings: syncTimings,
      guards: syncGuards,
      rules: { ...syncRules, ...rules },
    };
    const rate = 1 + this.#random.between(-50, 50) / 10_000;
    const clock = new Clock(this.timeline, this.#random.between(0, 1e7), rate);
    const around = {
      timeline: this.timeline,
      random: this.#random,
      trace: this.trace,
      oracle: this.oracle,
      instances: this.#instances,
      keepsJournal,
      crashed: (process: SyncProcess, error: unknown) =>
        this.fail({
          invariant: 'crash',
          message: `${process.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        }),
    };
    const process = new SyncProcess(around, cluster, clock, config);
    this.#processes.push(process);
    process.start();
  }

  /** Ends every fault. */
  heal(): void {
    this.trace.add('world', 'heals');
    for (const process of this.living) {
      process.api.heal();
      process.api.staleBy = 0;
      process.resume(false);
    }
    for (const instance of this.#instances) instance.heal();
    for (const cluster of this.clusters) cluster.heal();
  }

  #one<T>(items: readonly T[]): T {
    const item = this.#random.pick(items);
    if (item === undefined) throw new Error('there is none');
    return item;
  }
}
