import type { Registry } from 'prom-client';
import type { K8sSync, SyncMetrics, SyncPhase } from '../k8s-sync/index.js';
import { type MetricDefinition, propagationBuckets, syncMetrics } from './sync-metrics.js';

const phases: readonly SyncPhase[] = ['syncing', 'live', 'suspect', 'frozen', 'expired'];

export interface SyncExporterOptions {
  /** Where the metrics are registered; never the default registry by itself. */
  readonly registry: Registry;
  readonly syncs: readonly K8sSync[];
}

/**
 * Registers the metrics of some syncers, see {@link syncMetrics}. Gauges and counters are read when they are scraped. The
 * answer takes them out again. Loads prom-client, which costs nothing before.
 *
 * @throws Error when the registry has a metric of the same name.
 *
 * @example
 * const registry = new Registry();
 * const end = await createSyncExporter({ registry, syncs: [sync] });
 * console.log(await registry.metrics());
 */
export async function createSyncExporter({ registry, syncs }: SyncExporterOptions): Promise<() => void> {
  const { Counter, Gauge, Histogram } = await import('prom-client');
  const all = (): SyncMetrics[] => syncs.map((sync) => sync.metrics());
  const registers = [registry];
  const head = ({ name, help, labels }: MetricDefinition) => ({ name, help, labelNames: [...labels], registers });

  const gauge = (
    definition: MetricDefinition,
    collect: (set: (labels: Record<string, string>, value: number) => void) => void,
  ): void => {
    new Gauge({
      ...head(definition),
      collect() {
        this.reset();
        collect((labels, value) => this.set(labels, value));
      },
    });
  };
  const counter = (
    definition: MetricDefinition,
    collect: (add: (labels: Record<string, string>, value: number) => void) => void,
  ): void => {
    new Counter({
      ...head(definition),
      collect() {
        this.reset();
        collect((labels, value) => this.inc(labels, value));
      },
    });
  };

  gauge(syncMetrics.state, (set) => {
    for (const { cluster, state } of all())
      for (const phase of phases) set({ cluster, state: phase }, phase === state ? 1 : 0);
  });
  gauge(syncMetrics.leader, (set) => {
    for (const { cluster, leader } of all()) set({ cluster }, leader ? 1 : 0);
  });
  gauge(syncMetrics.desired, (set) => {
    for (const { cluster, upstreams } of all())
      for (const { upstream, gateway, desired } of upstreams) set({ cluster, upstream, gateway }, desired);
  });
  gauge(syncMetrics.live, (set) => {
    for (const { cluster, upstreams } of all())
      for (const { upstream, gateway, live } of upstreams) set({ cluster, upstream, gateway }, live);
  });
  gauge(syncMetrics.evidenceAge, (set) => {
    for (const { cluster, evidenceAgeMs } of all()) if (evidenceAgeMs !== null) set({ cluster }, evidenceAgeMs / 1000);
  });
  gauge(syncMetrics.lostNodes, (set) => {
    for (const { cluster, lostNodes } of all()) set({ cluster }, lostNodes);
  });
  gauge(syncMetrics.conflicts, (set) => {
    for (const { cluster, conflicts } of all())
      for (const [gateway, count] of Object.entries(conflicts)) set({ cluster, gateway }, count);
  });
  counter(syncMetrics.writes, (add) => {
    for (const { cluster, writes } of all()) {
      for (const [gateway, results] of Object.entries(writes))
        for (const [result, count] of Object.entries(results)) add({ cluster, gateway, result }, count);
    }
  });
  counter(syncMetrics.guardTrips, (add) => {
    for (const { cluster, guardTrips } of all())
      for (const [guard, count] of Object.entries(guardTrips)) add({ cluster, guard }, count);
  });
  const propagation = new Histogram({ ...head(syncMetrics.propagation), buckets: [...propagationBuckets] });
  const ends = syncs.map((sync) =>
    sync.onPropagation((ms) => propagation.observe({ cluster: sync.cluster }, ms / 1000)),
  );

  return () => {
    for (const end of ends) end();
    for (const { name } of Object.values(syncMetrics)) registry.removeSingleMetric(name);
  };
}
