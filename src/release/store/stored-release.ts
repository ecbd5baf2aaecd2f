// A release as it is kept in its own cluster: one Secret each, the bundle compressed, the rest as annotations.
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Conventions, YouzanKubeError } from '../../conventions/index.js';
import type { KubeObject } from '../../kube/index.js';
import type { ReleaseTarget } from '../plan.js';

export type StoredStatus = 'started' | 'succeeded' | 'failed';

export interface StoredRelease {
  /** Name of the Secret. */
  readonly name: string;
  /** Name of the Deployment that it released. */
  readonly deployment: string;
  /** Counts up by one per workload and cluster. */
  readonly revision: number;
  readonly app: string;
  readonly version: string;
  readonly status: StoredStatus;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
  /** Why it failed. */
  readonly message?: string | undefined;
  /** The revision whose bundle it brought back. */
  readonly rollbackOf?: number | undefined;
  /** sha256 of its objects: equal for equal bundles. */
  readonly digest: string;
  readonly objects: readonly KubeObject[];
}

/** Type of the Secrets. */
export const storedType = 'youzan-kube/release.v1';
/** A Secret holds at most 1 MiB. */
const largestBytes = 1_000_000;
const longestMessage = 2000;

/** Label and annotation keys; they share the prefix of the company's other labels. */
export function storeKeys({
  labels,
}: Conventions): Readonly<
  Record<
    'deployment' | 'revision' | 'version' | 'status' | 'startedAt' | 'endedAt' | 'message' | 'rollbackOf' | 'digest',
    string
  >
> {
  const prefix = labels.app.slice(0, labels.app.indexOf('/') + 1);
  return {
    deployment: `${prefix}release`,
    revision: `${prefix}release-revision`,
    version: `${prefix}release-version`,
    status: `${prefix}release-status`,
    startedAt: `${prefix}release-started-at`,
    endedAt: `${prefix}release-ended-at`,
    message: `${prefix}release-message`,
    rollbackOf: `${prefix}release-rollback-of`,
    digest: `${prefix}release-digest`,
  };
}

export function digestOfObjects(objects: readonly KubeObject[]): string {
  return createHash('sha256').update(JSON.stringify(objects)).digest('hex');
}

/** The Secret of a release that begins. Throws `RELEASE_BUNDLE_TOO_LARGE`. */
export function storedSecret(
  release: { readonly app: string; readonly version: string; readonly revision: number; readonly startedAt: string },
  target: ReleaseTarget,
  conventions: Conventions,
): KubeObject {
  const { labels } = conventions;
  const keys = storeKeys(conventions);
  const { deployment, cluster, namespace, objects, rollbackOf } = target;
  const packed = gzipSync(JSON.stringify(objects), { level: 9 }).toString('base64');
  if (packed.length > largestBytes) {
    throw new YouzanKubeError(
      'RELEASE_BUNDLE_TOO_LARGE',
      `the bundle has ${packed.length} bytes compressed; a Secret holds ${largestBytes}`,
      {
        path: `${cluster}/${release.app}`,
        hint: 'move large files out of the manifests',
      },
    );
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `youzan-kube.${deployment}.v${release.revision}`,
      namespace,
      labels: {
        [labels.managedBy]: conventions.managedBy,
        [labels.app]: release.app,
        [keys.deployment]: deployment,
      },
      annotations: {
        [keys.revision]: String(release.revision),
        [keys.version]: release.version,
        [keys.status]: 'started',
        [keys.startedAt]: release.startedAt,
        [keys.digest]: digestOfObjects(objects),
        ...(rollbackOf === undefined ? {} : { [keys.rollbackOf]: String(rollbackOf) }),
      },
    },
    type: storedType,
    data: { bundle: packed },
  };
}

/** What is written when a release has ended. */
export function endAnnotations(
  status: StoredStatus,
  message: string | undefined,
  endedAt: string,
  conventions: Conventions,
): Record<string, string | null> {
  const keys = storeKeys(conventions);
  return { [keys.status]: status, [keys.endedAt]: endedAt, [keys.message]: message?.slice(0, longestMessage) ?? null };
}

/** Undefined for a Secret that is no stored release, or a broken one. */
export function readStored(secret: KubeObject, conventions: Conventions): StoredRelease | undefined {
  const keys = storeKeys(conventions);
  const { name, labels = {}, annotations = {} } = secret.metadata;
  const deployment = labels[keys.deployment];
  const app = labels[conventions.labels.app];
  const revision = Number(annotations[keys.revision]);
  const status = (['started', 'succeeded', 'failed'] as const).find((one) => one === annotations[keys.status]);
  const objects = unpack(secret['data']);
  if (
    deployment === undefined ||
    app === undefined ||
    status === undefined ||
    objects === undefined ||
    !Number.isInteger(revision)
  ) {
    return undefined;
  }
  const rollbackOf = annotations[keys.rollbackOf];
  return {
    name,
    deployment,
    revision,
    app,
    version: annotations[keys.version] ?? '',
    status,
    startedAt: annotations[keys.startedAt] ?? '',
    endedAt: annotations[keys.endedAt],
    message: annotations[keys.message],
    rollbackOf: rollbackOf === undefined ? undefined : Number(rollbackOf),
    digest: annotations[keys.digest] ?? '',
    objects,
  };
}

function unpack(data: unknown): KubeObject[] | undefined {
  if (typeof data !== 'object' || data === null || !('bundle' in data) || typeof data.bundle !== 'string')
    return undefined;
  try {
    const objects: unknown = JSON.parse(gunzipSync(Buffer.from(data.bundle, 'base64')).toString('utf8'));
    return Array.isArray(objects) && objects.every(isObject) ? objects : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is KubeObject {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value && 'metadata' in value;
}
