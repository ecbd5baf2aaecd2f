import { describe, expect, it } from 'vitest';
import type { DeploymentObject, ReplicaSetObject } from '../../../../src/testing/cluster/controllers/objects.js';
import { rolloutStatus, type RolloutObservation } from '../../../../src/testing/cluster/controllers/rollout-status.js';
import { deployment, replicaSet } from '../objects.js';

const start = Date.parse('2026-01-01T00:00:00Z');
const counts = (replicas: number, available: number): ReplicaSetObject => ({
  ...replicaSet(replicas),
  status: { replicas, readyReplicas: available, availableReplicas: available },
});

function observe(parts: Partial<RolloutObservation> & { current: ReplicaSetObject }): RolloutObservation {
  const base = deployment('web', { replicas: 2, progressDeadlineSeconds: 30 });
  return { deployment: base, sets: [parts.current], maxUnavailable: 0, isNewRollout: false, now: start, ...parts };
}

const after = (former: RolloutObservation): DeploymentObject => ({
  ...former.deployment,
  status: rolloutStatus(former).status,
});
const progressing = (observation: RolloutObservation): unknown =>
  rolloutStatus(observation).status.conditions?.find(({ type }) => type === 'Progressing');

describe('rolloutStatus', () => {
  it('is complete when every replica is of the new template and available', () => {
    const { status, deadlineAt } = rolloutStatus(observe({ current: counts(2, 2) }));
    expect(status).toMatchObject({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
    expect(status.unavailableReplicas).toBeUndefined();
    expect(status.conditions).toMatchObject([
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
    ]);
    expect(deadlineAt).toBeUndefined();
  });

  it('has the deadline of its last progress', () => {
    expect(rolloutStatus(observe({ current: counts(2, 1) })).deadlineAt).toBe(start + 30_000);
  });

  it('says that the deadline has passed', () => {
    const first = observe({ current: counts(2, 1) });
    const late = { ...first, deployment: after(first), now: start + 30_000 };
    expect(progressing(late)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  it('starts the deadline anew with each pod that gets available', () => {
    const first = observe({ current: counts(2, 0) });
    const next = {
      ...first,
      deployment: after(first),
      current: counts(2, 1),
      sets: [counts(2, 1)],
      now: start + 29_000,
    };
    expect(rolloutStatus(next).deadlineAt).toBe(start + 59_000);
  });

  it('forgets a passed deadline when another template is rolled out', () => {
    const first = observe({ current: counts(2, 1) });
    const failed = { ...first, deployment: after(first), now: start + 30_000 };
    const fresh = { ...failed, deployment: after(failed), isNewRollout: true, now: start + 40_000 };
    expect(progressing(fresh)).toMatchObject({ status: 'True', reason: 'FoundNewReplicaSet' });
  });

  it('has no deadline while it is paused', () => {
    const paused = { ...deployment('web', { replicas: 2, paused: true }) };
    const observation = observe({ deployment: paused, current: counts(2, 1) });
    expect(rolloutStatus(observation).deadlineAt).toBeUndefined();
    expect(progressing(observation)).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    const resumed = { ...observation, deployment: { ...after(observation), spec: { ...paused.spec, paused: false } } };
    expect(progressing(resumed)).toMatchObject({ status: 'Unknown', reason: 'DeploymentResumed' });
  });

  it('does not touch the conditions of a status that stays the same', () => {
    const first = observe({ current: counts(2, 2) });
    const again = { ...first, deployment: after(first), now: start + 5_000 };
    expect(rolloutStatus(again).status).toEqual(rolloutStatus(first).status);
  });
});
