import { isKubeError, type KubeClient, type KubeObject } from '../kube/index.js';
import { fieldManagers } from './deployment.js';
import type { ReleasePlan } from './plan.js';
import { objectKey, resourceTypeOf } from './resource-type.js';

/** What a release would do to one object. */
export interface ObjectDifference {
  readonly cluster: string;
  /** `apps/v1 Deployment trade-core`. */
  readonly object: string;
  readonly change: 'create' | 'change' | 'none' | 'refused';
  /** Paths of fields that would change, or the server's refusal. */
  readonly details: readonly string[];
}

/**
 * What a plan would change, by a dry run of its server-side apply: defaults, admission and conflicts are the server's own.
 * Nothing is written.
 *
 * @example
 * for (const { object, change } of await diffRelease(plan, connections)) console.log(change, object);
 */
export async function diffRelease(
  plan: ReleasePlan,
  connections: ReadonlyMap<string, KubeClient>,
  signal?: AbortSignal,
): Promise<readonly ObjectDifference[]> {
  const differences: ObjectDifference[] = [];
  for (const { cluster, objects } of plan.targets) {
    const client = connections.get(cluster);
    if (client === undefined) throw new TypeError(`no connection to ${cluster}`);
    for (const object of objects) differences.push({ cluster, ...(await differenceOf(client, object, signal)) });
  }
  return differences;
}

async function differenceOf(
  client: KubeClient,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<Omit<ObjectDifference, 'cluster'>> {
  const type = resourceTypeOf(object);
  const key = objectKey(object);
  if (type === undefined) return { object: key, change: 'refused', details: ['no such kind in a bundle'] };
  const { namespace, name } = object.metadata;
  const before = await client.get(type, { namespace, name }, { signal }).catch((error: unknown) => {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  });
  try {
    const after = await client.apply(type, object, { fieldManager: fieldManagers.release, dryRun: true, signal });
    if (before === undefined) return { object: key, change: 'create', details: [] };
    const details = changedPaths(before, after, '').filter((path) => !unchosen.test(path));
    return { object: key, change: details.length === 0 ? 'none' : 'change', details };
  } catch (error) {
    if (isKubeError(error, 'KUBE_CONFLICT') || isKubeError(error, 'KUBE_INVALID'))
      return { object: key, change: 'refused', details: [error.message] };
    throw error;
  }
}

/** What the server counts by itself. */
const unchosen = /^\.(metadata\.(managedFields|resourceVersion|generation)|status)/;

function changedPaths(before: unknown, after: unknown, path: string): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isMap(before) || !isMap(after)) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => changedPaths(before[key], after[key], `${path}.${key}`));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
