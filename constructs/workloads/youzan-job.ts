import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { appContext } from '../app/app-context.js';
import { apiObject } from '../objects/api-object.js';
import { jobBounds, jobSpec } from './job-object.js';
import { countFindings, jobAppProps, jobFindings, type JobProps } from './job-props.js';

/** What `YouzanJob` makes manifests of. */
export interface YouzanJobProps extends JobProps {
  /** How long the ended job, its pods and their logs are kept. Default: 86400, a day. */
  readonly ttlSecondsAfterFinished?: number;
}

const day = 86_400;

/**
 * Something that runs once, in the app's image and rich container: helpers first, and they end when the job does. Its pods
 * have no hooks and no probes, are never restarted in place, and no Service of the app selects them. A Job cannot be changed:
 * a later one needs another `name`, or the former one deleted.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * new YouzanJob(chart, 'migrate', {
 *   spec, image: 'registry.example/trade-core:1.4.0', version: '1.4.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade',
 *   name: 'migrate-1-4-0', command: ['node', 'migrate.mjs'], activeDeadlineSeconds: 600,
 * });
 */
export class YouzanJob extends Construct {
  /** Name of the Job. */
  readonly name: string;
  readonly job: ApiObject;

  constructor(scope: Construct, id: string, props: YouzanJobProps) {
    super(scope, id);
    const { ttlSecondsAfterFinished = day } = props;
    const context = appContext(this.node.path, jobAppProps(props), {
      workloadKind: 'Job',
      jobName: props.name,
      findings: [...jobFindings(props), ...countFindings([['ttlSecondsAfterFinished', ttlSecondsAfterFinished, 0]])],
    });
    const { name, labels } = context.workload;
    const spec = jobSpec(context, 'Never', { ...jobBounds(props), ttlSecondsAfterFinished });
    const object = { id: 'job', apiVersion: 'batch/v1', kind: 'Job', name, labels, body: { spec } };
    this.name = name;
    this.job = apiObject(this, props.namespace, object);
  }
}
