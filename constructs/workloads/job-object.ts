import { k8s } from 'cdk8s-plus-28';
import type { AppContext } from '../app/app-context.js';
import { type JsonMap, jsonOf } from '../pod/json.js';
import { podTemplateOf } from '../pod/pod-template.js';

/** What a Job says beside its pods. */
export type JobSettings = Omit<k8s.JobSpec, 'template'>;

/** The spec of a Job. */
export function jobSpec(context: AppContext, restartPolicy: 'Never' | 'OnFailure', settings: JobSettings): JsonMap {
  const spec: unknown = k8s.toJson_JobSpec({ ...settings, template: {} });
  return { ...jsonOf(spec), template: podTemplateOf(context, { pod: { restartPolicy } }) };
}
