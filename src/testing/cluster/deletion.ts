import type { KubeObject } from '../../kube/object.js';
import { wireTime } from './admission.js';
import { conflict } from './api-error.js';
import type { ResourceType } from '../../kube/resource.js';
import { valueAt } from './json.js';

export interface DeleteChoice {
  readonly gracePeriodSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Throws a 409 when the object is not the one that was meant. */
export function checkPreconditions(type: ResourceType, live: KubeObject, choice: DeleteChoice): void {
  const { uid = '', resourceVersion = '', name } = live.metadata;
  const differs = (what: string, wanted: string, present: string): never => {
    throw conflict(
      type,
      name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${present}`,
    );
  };
  if (choice.uid !== undefined && choice.uid !== uid) differs('UID', choice.uid, uid);
  if (choice.resourceVersion !== undefined && choice.resourceVersion !== resourceVersion)
    differs('ResourceVersion', choice.resourceVersion, resourceVersion);
}

/** Seconds that a deleted object still has; only a pod on a node has any. */
export function graceOf(object: KubeObject, wanted: number | undefined): number {
  if (object.kind !== 'Pod' || typeof valueAt(object, 'spec', 'nodeName') !== 'string') return 0;
  const phase = valueAt(object, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = valueAt(object, 'spec', 'terminationGracePeriodSeconds');
  return Math.max(0, wanted ?? (typeof own === 'number' ? own : 30));
}

/** The object as it stays until its grace is over or its finalizers are gone. */
export function markDeleted(object: KubeObject, grace: number, now: Date): KubeObject {
  const first = object.metadata.deletionTimestamp === undefined;
  const metadata = {
    ...object.metadata,
    deletionTimestamp: wireTime(new Date(now.getTime() + grace * 1000)),
    deletionGracePeriodSeconds: grace,
    ...(first && object.metadata.generation !== undefined ? { generation: object.metadata.generation + 1 } : {}),
  };
  if (object.kind !== 'Namespace') return { ...object, metadata };
  return { ...object, metadata, status: { phase: 'Terminating' } };
}
