import type { ObserverReport } from './observer.js';
import type { StepName } from './step.js';
import type { World } from './world.js';

export interface StepResult {
  readonly name: StepName;
  readonly ok: boolean;
  readonly ms: number;
}

/** What `demo --json` prints. `requests`, `failed` and `retried` are the observer's. */
export interface DemoResult {
  readonly ok: boolean;
  readonly steps: readonly StepResult[];
  /** Present when a step failed. */
  readonly error?: { readonly step: StepName; readonly message: string };
  readonly requests: number;
  readonly failed: number;
  readonly retried: number;
  /** From the endpoint's change reaching the cluster's API to every worker of the gateway having it. */
  readonly propagationMs: { readonly p50: number | null; readonly p99: number | null; readonly n: number };
  readonly clusters: Readonly<Record<string, { readonly state: string; readonly servers: number }>>;
  readonly gateway: { readonly revision: number; readonly writes: number };
}

/** The nearest-rank percentile; null of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}

/** Everything that the world shows of itself at the end. */
export function worldFigures(
  world: World,
  report: ObserverReport | undefined,
): Omit<DemoResult, 'ok' | 'steps' | 'error'> {
  const samples = world.clusters.flatMap(({ sync }) => sync.metrics().propagationMs);
  const stats = world.embeddedGateway.stats();
  return {
    requests: report?.requests ?? 0,
    failed: report?.failed ?? 0,
    retried: report?.retried ?? 0,
    propagationMs: { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), n: samples.length },
    clusters: Object.fromEntries(
      world.clusters.map(({ name, sync }) => [
        name,
        { state: sync.state(), servers: sync.metrics().upstreams.reduce((sum, { live }) => sum + live, 0) },
      ]),
    ),
    gateway: {
      revision: stats.revision,
      writes: Object.values(stats.writes).reduce((sum, { accepted }) => sum + accepted, 0),
    },
  };
}
