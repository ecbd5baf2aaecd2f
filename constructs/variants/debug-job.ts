import type { ObjectOf } from '../objects/app-objects.js';
import { jobSpec } from '../workloads/job-object.js';
import { debugReleaseOf } from './debug-release.js';

/** How long an ended debug release can still be looked at. */
const keptSeconds = 600;
/** A container that cannot even start is not tried for ever. */
const backoffLimit = 20;

/**
 * A debug release is a Job: of all that makes pods only it ends by itself, however long nobody thinks of it. A container
 * that is killed starts again in its pod, and a pod that is evicted on another node.
 */
export const debugJobObject: ObjectOf = (context) => {
  const release = debugReleaseOf(context.props);
  if (release === undefined) return undefined;
  const { name, labels } = context.workload;
  const spec = jobSpec(context, 'OnFailure', {
    activeDeadlineSeconds: release.expiresAfterSeconds,
    backoffLimit,
    ttlSecondsAfterFinished: keptSeconds,
  });
  return { id: 'debug', apiVersion: 'batch/v1', kind: 'Job', name, labels, body: { spec } };
};
