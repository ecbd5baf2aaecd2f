import { type Conventions, YouzanKubeError, youzanConventions } from '../conventions/index.js';
import type { KubeClient } from '../kube/index.js';
import { planRelease, type ReleasePlan } from './plan.js';
import type { ReleasePolicyInput } from './policy.js';
import type { ReleaseResult } from './result.js';
import { runRelease, type RunReleaseOptions } from './run.js';
import { listReleases, type StoredRelease } from './store/index.js';

export interface RollbackOptions extends Omit<RunReleaseOptions, 'plan'> {
  readonly app: string;
  readonly namespace: string;
  /** Where, in order. */
  readonly clusters: readonly string[];
  /** The version to bring back: its newest stored release that succeeded. */
  readonly version?: string | undefined;
  /** Or the number of a stored release, whatever came of it. Default of both: the last one before the newest that succeeded. */
  readonly revision?: number | undefined;
  /** Name of the Deployment. Default: the app's name. */
  readonly deployment?: string | undefined;
  readonly policy: ReleasePolicyInput;
}

/**
 * Releases a stored bundle again, in one or more clusters, with the same gate and checks as any release; a rollout that is
 * held goes on with it. Replicas stay as they are. Every cluster's bundle is read before the first one is touched.
 *
 * @throws YouzanKubeError `RELEASE_NO_BUNDLE` when a cluster has no such stored release; and what {@link runRelease} throws.
 *
 * @example
 * await rollback({ app: 'trade-core', namespace: 'trade', version: '1.3.0', clusters: ['bc-a'], connections, gateways, policy });
 */
export async function rollback(options: RollbackOptions): Promise<ReleaseResult> {
  return await runRelease({ ...options, plan: await planRollback(options) });
}

/** What {@link rollback} would do; only reads. */
export async function planRollback(options: RollbackOptions): Promise<ReleasePlan> {
  const { app, namespace, clusters, connections, policy, conventions = youzanConventions, signal } = options;
  const deployment = options.deployment ?? app;
  const found = await Promise.all(
    clusters.map(async (cluster) => {
      const client = connections.get(cluster);
      if (client === undefined) throw noConnection(cluster, connections);
      const stored = await listReleases({ client, namespace, app, deployment, conventions, signal });
      return { cluster, release: chosen(options, cluster, stored) };
    }),
  );
  const versions = [...new Set(found.map(({ release }) => release.version))];
  const plan = planRelease({
    app,
    version: versions.join(', '),
    bundles: found.map(({ cluster, release }) => ({
      cluster,
      idc: idcOf(release, conventions),
      namespace,
      objects: release.objects,
    })),
    policy,
    conventions,
  });
  const targets = plan.targets.map((target) => ({
    ...target,
    rollbackOf: found.find(({ cluster }) => cluster === target.cluster)?.release.revision,
  }));
  return { ...plan, targets };
}

function chosen(
  { app, version, revision }: RollbackOptions,
  cluster: string,
  stored: readonly StoredRelease[],
): StoredRelease {
  const successes = stored.filter(({ status }) => status === 'succeeded');
  const fallback = successes.find((release) => release !== stored[0]);
  const release =
    revision !== undefined
      ? stored.find((one) => one.revision === revision)
      : version !== undefined
        ? successes.find((one) => one.version === version)
        : fallback;
  if (release !== undefined) return release;
  const wanted =
    revision !== undefined
      ? `release ${revision}`
      : version !== undefined
        ? `release of ${version} that succeeded`
        : 'earlier release that succeeded';
  const has = stored.map((one) => `${one.revision} (${one.version}, ${one.status})`).join(', ');
  throw new YouzanKubeError('RELEASE_NO_BUNDLE', `${cluster} has no stored ${wanted}; it has ${has || 'none'}`, {
    path: `${cluster}/${app}`,
    hint: 'name one of these by its revision, or release the version anew',
  });
}

/** A Deployment carries its IDC as a label. */
function idcOf({ objects }: StoredRelease, { labels }: Conventions): string {
  return objects.find(({ kind }) => kind === 'Deployment')?.metadata.labels?.[labels.idc] ?? '';
}

function noConnection(cluster: string, connections: ReadonlyMap<string, KubeClient>): YouzanKubeError {
  return new YouzanKubeError(
    'RELEASE_INVALID',
    `no connection to ${cluster}; there are ${[...connections.keys()].join(', ')}`,
    { path: cluster },
  );
}
