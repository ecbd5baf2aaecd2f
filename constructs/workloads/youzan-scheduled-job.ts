import type { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { Finding } from '../../src/conventions/index.js';
import { type AppContext, appContext } from '../app/app-context.js';
import { apiObject } from '../objects/api-object.js';
import { type JsonMap, jsonOf } from '../pod/json.js';
import { jobBounds, jobSpec } from './job-object.js';
import { countFindings, jobAppProps, jobFindings, type JobProps } from './job-props.js';
import { scheduleFinding, timeZoneFinding } from './schedule.js';

/** What `YouzanScheduledJob` makes manifests of. */
export interface YouzanScheduledJobProps extends JobProps {
  /** Minute, hour, day of month, month, day of week, as cron has them: `30 3 * * *`; or `@daily` and the like. */
  readonly schedule: string;
  /** What its hours mean: `Asia/Shanghai`. Default: `Etc/UTC`. */
  readonly timeZone?: string;
  /** A run that could not begin within so many seconds is left out. At least 10. Default: 300. */
  readonly startingDeadlineSeconds?: number;
  /** How many ended runs are kept to be looked at. Default: 3. */
  readonly successfulJobsHistoryLimit?: number;
  /** Default: 3. */
  readonly failedJobsHistoryLimit?: number;
}

/**
 * Something that runs by the clock, as {@link YouzanJob} runs once. A run that is still going when the next one is due is left
 * alone, and the next one is left out.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding and the construct's path.
 *
 * @example
 * new YouzanScheduledJob(chart, 'settle', {
 *   spec, image: 'registry.example/trade-core:1.4.0', version: '1.4.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade',
 *   name: 'settle', command: ['node', 'settle.mjs'], schedule: '30 3 * * *', timeZone: 'Asia/Shanghai', activeDeadlineSeconds: 3600,
 * });
 */
export class YouzanScheduledJob extends Construct {
  /** Name of the CronJob. */
  readonly name: string;
  readonly cronJob: ApiObject;

  constructor(scope: Construct, id: string, props: YouzanScheduledJobProps) {
    super(scope, id);
    const context = appContext(this.node.path, jobAppProps(props), {
      workloadKind: 'CronJob',
      jobName: props.name,
      findings: [...jobFindings(props), ...scheduledJobFindings(props)],
    });
    const { name, labels } = context.workload;
    const body = { spec: cronJobSpec(context, props) };
    this.name = name;
    this.cronJob = apiObject(this, props.namespace, {
      id: 'cron-job',
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name,
      labels,
      body,
    });
  }
}

function cronJobSpec(context: AppContext, props: YouzanScheduledJobProps): JsonMap {
  const { schedule, timeZone = 'Etc/UTC', startingDeadlineSeconds = 300 } = props;
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 3 } = props;
  const spec: unknown = k8s.toJson_CronJobSpec({
    schedule,
    timeZone,
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds,
    successfulJobsHistoryLimit,
    failedJobsHistoryLimit,
    jobTemplate: {},
  });
  const jobTemplate = {
    metadata: { labels: { ...context.workload.labels } },
    spec: jobSpec(context, 'Never', jobBounds(props)),
  };
  return { ...jsonOf(spec), jobTemplate };
}

function scheduledJobFindings(props: YouzanScheduledJobProps): Finding[] {
  const { schedule, timeZone = 'Etc/UTC', startingDeadlineSeconds = 300 } = props;
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 3 } = props;
  return [
    ...scheduleFinding(schedule),
    ...timeZoneFinding(timeZone),
    ...countFindings([
      // The controller looks every 10 s: with less it might never begin a run.
      ['startingDeadlineSeconds', startingDeadlineSeconds, 10],
      ['successfulJobsHistoryLimit', successfulJobsHistoryLimit, 0],
      ['failedJobsHistoryLimit', failedJobsHistoryLimit, 0],
    ]),
  ];
}
