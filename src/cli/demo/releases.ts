import { isYouzanKubeError, type YouzanKubeError } from '../../conventions/index.js';
import { planRelease, type ReleaseEvent, type ReleaseResult, rollback, runRelease } from '../../release/index.js';
import { bundlesOf } from './bundles.js';
import { check } from './check.js';
import { app, namespace, publishDeadlineMs, type World } from './world.js';

const policy = {
  minSuccessTimeMs: 2000,
  progressDeadlineMs: 25_000,
  publishDeadlineMs,
} as const;

const connectionsOf = (world: World) => new Map(world.clusters.map(({ name, client }) => [name, client]));

/** Releases a version in both clusters, `bc-a` first. */
export async function release(
  world: World,
  version: string,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly progressDeadlineMs?: number;
    readonly onEvent: (event: ReleaseEvent) => void;
  },
): Promise<ReleaseResult> {
  return await runRelease({
    plan: planRelease({
      app,
      version,
      bundles: await bundlesOf(world, version, options.env),
      order: ['bc-a', 'bc-b'],
      policy: { ...policy, progressDeadlineMs: options.progressDeadlineMs ?? policy.progressDeadlineMs },
    }),
    connections: connectionsOf(world),
    gateways: [world.gateway],
    signal: world.signal,
    onEvent: options.onEvent,
    rules: {
      publishBeforeNext: world.sabotage !== 'next-cluster-before-publish',
      gate: world.sabotage !== 'no-gateway-gate',
    },
  });
}

/** A release that must fail: its error. */
export async function failedRelease(action: Promise<ReleaseResult>): Promise<YouzanKubeError> {
  try {
    await action;
  } catch (error) {
    if (isYouzanKubeError(error) && error.code.startsWith('RELEASE_')) return error;
    throw error;
  }
  check(false, 'the release ended well, though it could not');
}

/** Brings one cluster back to the stored bundle of a version. */
export async function rollBack(
  world: World,
  cluster: string,
  version: string,
  onEvent: (event: ReleaseEvent) => void,
): Promise<void> {
  await rollback({
    app,
    version,
    namespace,
    clusters: [cluster],
    connections: connectionsOf(world),
    gateways: [world.gateway],
    policy,
    signal: world.signal,
    onEvent,
  });
}

/** One line for the view. */
export function describeReleaseEvent(event: ReleaseEvent): string {
  return event.message;
}
