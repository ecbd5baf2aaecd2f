import type { KubeObject } from '../../kube/object.js';
import { wireTime } from './admission.js';
import { conflict, invalid, type ApiError, type StatusCause } from './api-error.js';
import type { ResourceType } from '../../kube/resource.js';
import { valueAt } from './json.js';

export interface DeleteChoice {
  readonly gracePeriodSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Throws a 409 when a deletion meant another object. */
export function checkPreconditions(type: ResourceType, live: KubeObject, choice: DeleteChoice): void {
  const { uid = '', resourceVersion = '', name } = live.metadata;
  const check = (what: string, wanted: string | undefined, present: string, guess: string): void => {
    if (wanted === undefined || wanted === present) return;
    const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${present}). ${guess}`;
    // These answers name the kind where others name the resource.
    throw conflict({ ...type, plural: type.kind }, name, why);
  };
  check('UID', choice.uid, uid, 'The object might have been deleted and then recreated');
  check('ResourceVersion', choice.resourceVersion, resourceVersion, 'The object might have been modified');
}

/** Throws a 409 when an update names the UID of another object. */
export function checkSameObject(type: ResourceType, live: KubeObject, wanted: string | undefined): void {
  const { uid = '', namespace, name } = live.metadata;
  if (wanted === undefined || wanted === '' || wanted === uid) return;
  const key = ['/registry', type.plural, namespace, name].filter((part) => part !== undefined).join('/');
  const differs = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`;
  const error = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${differs}`;
  throw conflict(type, name, error);
}

/** An apply that names the UID of another object: each of the server's two checks finds it. */
export function immutableUid(type: ResourceType, live: KubeObject, wanted: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(wanted)}: field is immutable`;
  const cause: StatusCause = { reason: 'FieldValueInvalid', message, field: 'metadata.uid' };
  return invalid(type, live.metadata.name, [cause, cause]);
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
