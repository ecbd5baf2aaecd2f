/** The Kubernetes kind that makes an app's pods. */
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'CronJob';

/** True where pods run to an end: without hooks and probes, since nobody sends them requests. */
export const runsToEnd = (kind: WorkloadKind): boolean => kind === 'Job' || kind === 'CronJob';
