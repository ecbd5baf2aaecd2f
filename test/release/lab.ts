import { resources } from '../../src/kube/index.js';
import {
  listReleases,
  planRelease,
  ReleaseError,
  type ReleaseResult,
  runRelease,
  type RunReleaseOptions,
  type StoredRelease,
} from '../../src/release/index.js';
import { app, bundle, type BundleChange, namespace } from './bundle.js';
import { startWorld, type TestCluster, type TestWorld } from './world.js';

export const policy = { minSuccessTimeMs: 300, progressDeadlineMs: 30_000, publishDeadlineMs: 3000 };

interface Choice extends BundleChange {
  readonly clusters?: readonly string[];
  readonly progressDeadlineMs?: number;
  readonly run?: Partial<RunReleaseOptions>;
}

/** Two clusters of one IDC behind one gateway, and what a test does with them. */
export class Lab {
  readonly world: TestWorld;
  /** What the releases told. */
  readonly told: string[] = [];
  readonly a: TestCluster;
  readonly b: TestCluster;

  private constructor(world: TestWorld) {
    this.world = world;
    [this.a, this.b] = [world.clusters[0]!, world.clusters[1]!];
  }

  static async start(): Promise<Lab> {
    return new Lab(await startWorld(['bc-a', 'bc-b']));
  }

  release(version: string, choice: Choice = {}): Promise<ReleaseResult> {
    const { clusters = ['bc-a', 'bc-b'], run, progressDeadlineMs, ...change } = choice;
    const bundles = clusters.map((cluster) => bundle(cluster, version, { replicas: 2, ...change }));
    const { connections, gateway } = this.world;
    const own = { ...policy, ...(progressDeadlineMs && { progressDeadlineMs }) };
    return runRelease({
      plan: planRelease({ app, version, bundles, policy: own }),
      connections,
      gateways: [gateway],
      onEvent: ({ message }) => void this.told.push(message),
      ...run,
    });
  }

  /** The spec of bc-a's Deployment. */
  async deployment(): Promise<{ replicas?: number; paused?: boolean }> {
    const { spec } = await this.a.client.get(resources.deployments, { namespace, name: app });
    return spec as { replicas?: number; paused?: boolean };
  }

  /** bc-a's stored releases. */
  stored(): Promise<readonly StoredRelease[]> {
    return listReleases({ client: this.a.client, namespace, app });
  }
}

/** The error of a release that must fail. */
export async function failure(action: Promise<ReleaseResult>): Promise<ReleaseError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ReleaseError) return error;
  throw new Error(`no ReleaseError but ${String(error)}`);
}
