import { type Conventions, youzanConventions } from '../../conventions/index.js';
import { isKubeError, type KubeClient, type KubeObject, type KubeReader, resources } from '../../kube/index.js';
import { fieldManagers } from '../deployment.js';
import type { ReleaseTarget } from '../plan.js';
import {
  digestOfObjects,
  endAnnotations,
  readStored,
  storedSecret,
  storeKeys,
  type StoredRelease,
  type StoredStatus,
} from './stored-release.js';

export interface ListReleasesOptions {
  readonly client: KubeReader;
  readonly namespace: string;
  readonly app: string;
  /** Default: every workload of the app. */
  readonly deployment?: string | undefined;
  readonly conventions?: Conventions | undefined;
  readonly signal?: AbortSignal | undefined;
}

const keptReleases = 10;

/**
 * The stored releases of an app in one cluster, newest first. A release that never ended, since its process died, has
 * status `started`.
 *
 * @example
 * const [newest] = await listReleases({ client, namespace: 'trade', app: 'trade-core' });
 */
export async function listReleases(options: ListReleasesOptions): Promise<readonly StoredRelease[]> {
  const { client, namespace, app, deployment, conventions = youzanConventions, signal } = options;
  const key = storeKeys(conventions).deployment;
  const which = deployment === undefined ? key : `${key}=${deployment}`;
  const labelSelector = `${conventions.labels.app}=${app},${which}`;
  const { items } = await client.list(resources.secrets, { namespace, labelSelector, signal });
  return items
    .map((secret) => readStored(secret, conventions))
    .filter((release) => release !== undefined)
    .sort((left, right) => right.revision - left.revision);
}

export interface BeginOptions {
  readonly client: KubeClient;
  readonly app: string;
  readonly version: string;
  readonly target: ReleaseTarget;
  readonly former: readonly StoredRelease[];
  readonly conventions: Conventions;
  readonly signal: AbortSignal | undefined;
}

/**
 * Stores a release before anything of it is applied, and answers the Secret's name and number. One of the same bundle that
 * never ended is taken up again.
 */
export async function beginStored(
  options: BeginOptions,
): Promise<{ readonly name: string; readonly revision: number }> {
  const { client, app, version, target, former, conventions, signal } = options;
  const [newest] = former;
  const unfinished =
    newest?.status === 'started' && newest.version === version && newest.digest === digestOfObjects(target.objects);
  if (unfinished) return { name: newest.name, revision: newest.revision };
  const revision = (newest?.revision ?? 0) + 1;
  const secret = storedSecret({ app, version, revision, startedAt: new Date().toISOString() }, target, conventions);
  await client.create(resources.secrets, secret, { fieldManager: fieldManagers.release, signal });
  return { name: secret.metadata.name, revision };
}

export async function endStored(
  client: KubeClient,
  ref: { readonly namespace: string; readonly name: string },
  end: { readonly status: StoredStatus; readonly message?: string | undefined },
  conventions: Conventions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const annotations = endAnnotations(end.status, end.message, new Date().toISOString(), conventions);
  await client.patch(
    resources.secrets,
    ref,
    { metadata: { annotations } },
    { fieldManager: fieldManagers.release, signal },
  );
}

/** Deletes what is beyond the newest ten; the newest success always stays. */
export async function pruneStored(
  client: KubeClient,
  namespace: string,
  stored: readonly StoredRelease[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const success = stored.find(({ status }) => status === 'succeeded');
  for (const release of stored.slice(keptReleases)) {
    if (release === success) continue;
    try {
      await client.delete(resources.secrets, { namespace, name: release.name }, { signal });
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
    }
  }
}

/** What former releases put there: everything since the last one that succeeded, as a failed one may have applied a part. */
export function inventoryOf(former: readonly StoredRelease[]): readonly KubeObject[] {
  const last = former.findIndex(({ status }) => status === 'succeeded');
  return former.slice(0, last < 0 ? former.length : last + 1).flatMap(({ objects }) => objects);
}
