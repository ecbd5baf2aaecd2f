import type { Conventions } from '../conventions/index.js';
import { isKubeError, type KubeClient, type KubeObject } from '../kube/index.js';
import type { Applied } from './apply-bundle.js';
import { fieldManagers } from './deployment.js';
import type { ReleaseTarget } from './plan.js';
import { objectKey, resourceTypeOf } from './resource-type.js';
import { endStored, inventoryOf, pruneStored } from './store/index.js';

export interface FinishOptions {
  readonly client: KubeClient;
  readonly target: ReleaseTarget;
  readonly applied: Applied;
  readonly conventions: Conventions;
  readonly signal?: AbortSignal | undefined;
}

/** After success: what former releases put there and this one has not is deleted; the success is kept, old releases go. */
export async function finishRelease({ client, target, applied, conventions, signal }: FinishOptions): Promise<void> {
  const { namespace } = target;
  for (const object of droppedObjects(applied.former.length === 0 ? [] : inventoryOf(applied.former), target.objects)) {
    await deleteOwn(client, object, signal);
  }
  await endStored(client, { namespace, name: applied.secret }, { status: 'succeeded' }, conventions, signal);
  const { secret: name, revision } = applied;
  const [newest] = applied.former;
  // Only name, number and status matter here; this release is the newest success.
  const own = newest === undefined ? [] : [{ ...newest, name, revision, status: 'succeeded' as const }];
  await pruneStored(client, namespace, [...own, ...applied.former], signal);
}

/** Objects of the former bundles that the new one does not have, each once. */
export function droppedObjects(former: readonly KubeObject[], present: readonly KubeObject[]): readonly KubeObject[] {
  const kept = new Set(present.map(objectKey));
  const dropped = new Map(former.map((object) => [objectKey(object), object]));
  return [...dropped].flatMap(([key, object]) => (kept.has(key) ? [] : [object]));
}

/** Only what a release applied, and only the very object that was looked at. */
async function deleteOwn(client: KubeClient, object: KubeObject, signal: AbortSignal | undefined): Promise<void> {
  const type = resourceTypeOf(object);
  if (type === undefined) return;
  const { name, namespace } = object.metadata;
  try {
    const { metadata } = await client.get(type, { namespace, name }, { signal });
    const isOurs = (metadata.managedFields ?? []).some(
      (entry) =>
        typeof entry === 'object' && entry !== null && 'manager' in entry && entry.manager === fieldManagers.release,
    );
    if (!isOurs || metadata.uid === undefined) return;
    await client.delete(
      type,
      { namespace, name },
      { preconditions: { uid: metadata.uid }, propagationPolicy: 'Background', signal },
    );
  } catch (error) {
    if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
  }
}
