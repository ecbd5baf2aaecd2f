import { isKubeError, type KubeObject, type KubeReader, resources } from '../kube/index.js';
import type { PodProof, SyncEffect, SyncEvent } from './core/index.js';
import type { SyncLogger } from './k8s-sync.js';

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

type ProveEffect = Extract<SyncEffect, { type: 'prove' }>;
type Proof = Pick<Extract<SyncEvent, { type: 'proof' }>, 'pods' | 'servicesGone'>;

/** The answer to what the core asks: what was found, or that nothing could be seen, which is logged. */
export async function proofEvent(
  client: KubeReader & { readonly name: string },
  effect: ProveEffect,
  options: Parameters<typeof prove>[2] & { readonly logger: SyncLogger | undefined },
): Promise<SyncEvent> {
  const { upstream } = effect;
  try {
    return { type: 'proof', upstream, ...(await prove(client, effect, options)) };
  } catch (error) {
    const message = `${upstream}: whether the pods of held servers are gone can't be seen`;
    if (!options.signal.aborted) options.logger?.warn({ cluster: client.name, upstream, error }, message);
    return { type: 'proof-failed', upstream, reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Looks, with consistent reads, whether the pods behind servers and their Services are there. Throws when it cannot see.
 * With a namespace, nothing beyond it can be seen: a pod that is known by its UID only, and is not in it, may be in another
 * one. Such a server has no proof.
 */
export async function prove(
  client: KubeReader,
  effect: ProveEffect,
  { namespace: only, signal }: { readonly namespace?: string | undefined; readonly signal: AbortSignal },
): Promise<Proof> {
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
