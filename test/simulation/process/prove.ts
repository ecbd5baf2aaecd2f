import type { PodProof, SyncEffect } from '../../../src/k8s-sync/core/index.js';
import type { ClusterApi } from '../cluster/api.js';

/** What a consistent look at a cluster says of the pods and Services that are asked for. */
export function prove(
  api: ClusterApi,
  { pods, services }: Extract<SyncEffect, { type: 'prove' }>,
): { readonly pods: Record<string, PodProof>; readonly servicesGone: string[] } {
  const proofs: Record<string, PodProof> = {};
  for (const [key, { uid }] of Object.entries(pods)) {
    const pod = [...api.pods.values()].find((one) => one.uid === uid);
    if (pod === undefined) proofs[key] = 'gone';
    else if (pod.finished) proofs[key] = 'finished';
    else proofs[key] = pod.deleting ? 'terminating' : 'alive';
  }
  return { pods: proofs, servicesGone: services.filter((service) => !api.services.has(service)) };
}
