import { youzanConventions } from '../../conventions/index.js';
import { type KubeClient, type KubeObject, resources } from '../../kube/index.js';
import { resourceTypeOf } from '../../release/resource-type.js';
import { check } from './check.js';
import { app, namespace } from './world.js';

/** Server-side apply of one object of a bundle. */
export function applyObject(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  const type = resourceTypeOf(object);
  check(type !== undefined, `the bundle has a ${object.apiVersion} ${object.kind}, which the demo does not apply`);
  return client.apply(type, object, { fieldManager: 'youzan-kube-release', signal });
}

/** What the demo reads of a pod. */
export interface PodView extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export const isReady = (pod: PodView): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** The app's pods in one cluster, by a consistent read. */
export async function appPods(client: KubeClient, signal: AbortSignal): Promise<readonly PodView[]> {
  const { items } = await client.list<PodView>(resources.pods, {
    namespace,
    labelSelector: `${youzanConventions.labels.app}=${app}`,
    signal,
  });
  return items;
}
