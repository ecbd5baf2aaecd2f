import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../../../src/testing/cluster/controllers/objects.js';
import { planReplicaSet } from '../../../../src/testing/cluster/controllers/replica-set.js';
import { controllerReference } from '../../../../src/testing/cluster/controllers/ownership.js';
import { resources } from '../../../../src/kube/resource.js';
import { pod, replicaSet } from '../objects.js';

const now = Date.parse('2026-01-01T01:00:00Z');
const owned = (one: PodObject): PodObject => ({
  ...one,
  metadata: { ...one.metadata, ownerReferences: [controllerReference(resources.replicaSets, replicaSet(1))] },
});
const names = (pods: readonly PodObject[]): string[] => pods.map(({ metadata }) => metadata.name);

describe('planReplicaSet', () => {
  it('creates what is missing', () => {
    expect(planReplicaSet(replicaSet(3), [owned(pod('a'))], now).create).toBe(2);
  });

  it('replaces a terminating pod at once', () => {
    const one = owned(pod('a'));
    const going = { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:59:00Z' } };
    expect(planReplicaSet(replicaSet(1), [going], now).create).toBe(1);
  });

  it('adopts a pod that has its labels and no owner', () => {
    const plan = planReplicaSet(replicaSet(1), [pod('free')], now);
    expect([names(plan.adopt), plan.create]).toEqual([['free'], 0]);
  });

  it('lets a pod go whose labels changed, and replaces it', () => {
    const one = owned(pod('isolated'));
    const changed = { ...one, metadata: { ...one.metadata, labels: { isolated: 'true' } } };
    const plan = planReplicaSet(replicaSet(1), [changed], now);
    expect([names(plan.release), plan.create]).toEqual([['isolated'], 1]);
  });

  it('removes pods that are not ready first, then those ready for the shortest time', () => {
    const pods = [
      pod('old', { readySince: '2026-01-01T00:00:00Z' }),
      pod('new', { readySince: '2026-01-01T00:30:00Z' }),
      pod('broken', { ready: false }),
      pod('unassigned', { spec: { nodeName: undefined } }),
    ].map(owned);
    const removed = (left: number): string[] => names(planReplicaSet(replicaSet(left), pods, now).remove);
    expect(removed(0)).toEqual(['unassigned', 'broken', 'new', 'old']);
    expect(removed(3)).toEqual(['unassigned']);
  });

  it('removes a pod with a lower deletion cost before others', () => {
    const cheap = pod('cheap');
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '-5' };
    const pods = [pod('plain'), { ...cheap, metadata: { ...cheap.metadata, annotations } }].map(owned);
    expect(names(planReplicaSet(replicaSet(1), pods, now).remove)).toEqual(['cheap']);
  });

  it('counts a pod as available once it was ready for long enough', () => {
    const fresh = owned(pod('a', { readySince: '2026-01-01T00:59:55Z' }));
    const plan = planReplicaSet(replicaSet(1, { minReadySeconds: 10 }), [fresh], now);
    expect(plan.status).toMatchObject({ readyReplicas: 1 });
    expect(plan.status.availableReplicas).toBeUndefined();
    expect(plan.lookAgainAt).toBe(now + 5_000);
  });
});
