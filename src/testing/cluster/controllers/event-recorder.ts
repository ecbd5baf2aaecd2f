import { createHash } from 'node:crypto';
import { isYouzanKubeError } from '../../../conventions/error.js';
import { resources } from '../../../kube/resource.js';
import type { ClusterStore } from '../store.js';
import { timeText, type PodObject } from './objects.js';

export interface PodEventRecord {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly component: string;
}

/** Longest message that the API takes. */
const longestMessage = 1_024;

/**
 * Writes an Event about a pod. One object a pod and reason: a repeated reason counts up and keeps the newest message,
 * so a pod has no more events than there are reasons. An Event that the API refuses, say because the namespace is
 * gone, is dropped.
 */
export function recordEvent(store: ClusterStore, pod: PodObject, record: PodEventRecord, now: number): void {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const slot = createHash('sha256').update(`${uid}/${record.reason}`).digest('hex').slice(0, 16);
  const former = store.get(resources.events, namespace, `${name}.${slot}`);
  const at = timeText(now);
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: former?.metadata ?? { name: `${name}.${slot}`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
    type: record.type,
    reason: record.reason,
    message: record.message.slice(0, longestMessage),
    source: { component: record.component, host: pod.spec.nodeName },
    reportingComponent: record.component,
    reportingInstance: pod.spec.nodeName ?? '',
    firstTimestamp: former?.firstTimestamp ?? at,
    lastTimestamp: at,
    eventTime: null,
    count: Number(former?.count ?? 0) + 1,
  };
  try {
    if (former === undefined) store.create(resources.events, event, record.component);
    else store.update(resources.events, event, record.component);
  } catch (error) {
    if (!isYouzanKubeError(error)) throw error;
  }
}
