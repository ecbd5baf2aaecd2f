import { k8s } from 'cdk8s-plus-28';
import type { AppContext } from '../app/app-context.js';
import { knows } from '../pod/cluster-version.js';
import { type JsonMap, jsonOf } from '../pod/json.js';
import { podTemplateOf } from '../pod/pod-template.js';
import type { JobProps } from './job-props.js';

/** The spec of a Job. */
export function jobSpec(
  context: AppContext,
  restartPolicy: 'Never' | 'OnFailure',
  settings: Omit<k8s.JobSpec, 'template'>,
): JsonMap {
  const spec: unknown = k8s.toJson_JobSpec({ ...settings, template: {} });
  return { ...jsonOf(spec), template: podTemplateOf(context, { pod: { restartPolicy } }) };
}

/** What bounds a job: its time, and how often it may fail by itself. */
export function jobBounds({
  activeDeadlineSeconds,
  backoffLimit = 0,
  kubernetesVersion,
}: JobProps): Omit<k8s.JobSpec, 'template'> {
  return {
    activeDeadlineSeconds,
    backoffLimit,
    // A pod that a drain has ended is no failure of the job.
    ...(knows(kubernetesVersion, '1.26') && {
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
    }),
  };
}
