import { isKubeError, type KubeObject, type KubeReader, resources } from '../kube/index.js';
import type { PodProof, SyncEffect } from './core/index.js';

interface PodStatus extends KubeObject {
  readonly status?: { readonly phase?: string };
}

/** What a consistent read says of a pod that had this UID. */
function proofOf(pod: PodStatus | undefined, uid: string): PodProof {
  if (pod === undefined || pod.metadata.uid !== uid) return 'gone';
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return 'finished';
  return pod.metadata.deletionTimestamp === undefined ? 'alive' : 'terminating';
}

async function found<T extends KubeObject>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return undefined;
    throw error;
  }
}

/**
 * Looks, with consistent reads, whether the pods behind servers and their Services are there. Throws when it cannot see.
 * With a namespace, nothing beyond it can be seen: a pod that is known by its UID only, and is not in it, may be in another
 * one. Such a server has no proof.
 */
export async function prove(
  client: KubeReader,
  effect: Extract<SyncEffect, { type: 'prove' }>,
  { namespace: only, signal }: { readonly namespace?: string | undefined; readonly signal: AbortSignal },
): Promise<{ readonly pods: Record<string, PodProof>; readonly servicesGone: string[] }> {
  const call = { signal, timeoutMs: 5000 };
  const pods: Record<string, PodProof> = {};
  const nameless: [string, string][] = [];
  for (const [key, { namespace, pod, uid }] of Object.entries(effect.pods)) {
    if (pod === '') nameless.push([key, uid]);
    else pods[key] = proofOf(await found(client.get<PodStatus>(resources.pods, { namespace, name: pod }, call)), uid);
  }
  if (nameless.length > 0) {
    const { items } = await client.list<PodStatus>(resources.pods, { ...call, namespace: only });
    const byUid = new Map(items.map((pod) => [pod.metadata.uid, pod]));
    for (const [key, uid] of nameless)
      if (only === undefined || byUid.has(uid)) pods[key] = proofOf(byUid.get(uid), uid);
  }
  const servicesGone: string[] = [];
  for (const service of effect.services) {
    const [namespace = '', name = ''] = service.split('/');
    if ((await found(client.get(resources.services, { namespace, name }, call))) === undefined)
      servicesGone.push(service);
  }
  return { pods, servicesGone };
}
