import { createHash } from 'node:crypto';
import type { KubeObject } from '../../kube/index.js';
import type { HeldService } from './held-services.js';

export interface GuardEvent extends KubeObject {
  readonly count?: number;
}

const mostNamed = 10;

/** The same for each trip of a guard on a Service, also after a restart: it is counted up, and no new object. */
export function eventName({ service, upstream, guard }: HeldService, serviceUid: string): string {
  const of = createHash('sha256').update(`${serviceUid}/${upstream}/${guard}`).digest('hex').slice(0, 16);
  return `${service}.${of}`;
}

/** What is held, and the way out. */
export function eventMessage({ upstream, guard, addresses }: HeldService, cluster: string): string {
  const named = addresses.slice(0, mostNamed).join(', ');
  const more = addresses.length > mostNamed ? ` and ${addresses.length - mostNamed} more` : '';
  const [does, lets] = guard === 'port' ? ['does not add', 'lets them in'] : ['keeps in traffic', 'lets them go'];
  return (
    `the ${guard} guard ${does} ${named}${more} of ${upstream} in ${cluster}; youzan-kube sync status says why, ` +
    `youzan-kube sync override ${upstream} --reason … ${lets}`
  );
}

/** A core/v1 Event: its `count` is what kubectl shows, and every cluster has it. */
export function eventObject(
  held: HeldService,
  {
    serviceUid,
    cluster,
    writer,
    at,
    count,
  }: {
    readonly serviceUid: string;
    readonly cluster: string;
    readonly writer: string;
    readonly at: string;
    readonly count: number;
  },
): GuardEvent & { readonly count: number } {
  const { namespace, service: name } = held;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName(held, serviceUid), namespace },
    // kubectl describe asks for Events by the UID, too.
    involvedObject: { apiVersion: 'v1', kind: 'Service', namespace, name, uid: serviceUid },
    type: 'Warning',
    reason: 'TrafficGuard',
    message: eventMessage(held, cluster),
    source: { component: 'k8s-sync' },
    reportingComponent: 'k8s-sync',
    reportingInstance: writer,
    firstTimestamp: at,
    lastTimestamp: at,
    count,
  };
}
