import { describe, expect, it } from 'vitest';
import type { DeploymentObject, ReplicaSetObject } from '../../src/release/deployment.js';
import { rolloutOf, stalledBefore } from '../../src/release/rollout.js';

const template = {
  metadata: { labels: { app: 'web' }, creationTimestamp: null },
  spec: { containers: [{ name: 'app', image: 'web:2' }] },
};
const applied = { uid: 'd-1', template };

function deployment(status: object = {}, spec: object = {}, metadata: object = {}): DeploymentObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'd-1', generation: 4, ...metadata },
    spec: { replicas: 2, template, ...spec },
    status: { observedGeneration: 4, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  };
}
function set(hash: string, image: string, owner = 'd-1'): ReplicaSetObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${hash}`,
      labels: { 'pod-template-hash': hash },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: owner, controller: true }],
    },
    spec: {
      template: {
        spec: { containers: [{ image, name: 'app' }] },
        metadata: { labels: { 'pod-template-hash': hash, app: 'web' } },
      },
    },
  };
}
const sets = [set('old', 'web:1'), set('new', 'web:2')];

describe('rolloutOf', () => {
  it('is done when every pod is of the template and available, and no other is left', () => {
    expect(rolloutOf(deployment(), sets, applied)).toEqual({
      done: true,
      text: '2 of 2 updated, 2 available, 0 old',
      superseded: false,
      paused: false,
      templateHash: 'new',
    });
  });

  it.each<[string, DeploymentObject]>([
    ['its controller has not seen this generation', deployment({ observedGeneration: 3 })],
    ['a pod is not updated', deployment({ updatedReplicas: 1 })],
    ['a pod is not available', deployment({ availableReplicas: 1 })],
    ['an old pod is left', deployment({ replicas: 3, availableReplicas: 3 })],
    ['it is another Deployment of the same name', deployment({}, {}, { uid: 'd-2' })],
  ])('is not done while %s', (_, seen) => {
    expect(rolloutOf(seen, sets, applied).done).toBe(false);
  });

  it('is done with no pods when none are wanted', () => {
    const none = { replicas: undefined, updatedReplicas: undefined, availableReplicas: undefined };
    expect(rolloutOf(deployment(none, { replicas: 0 }), sets, applied).done).toBe(true);
  });

  it('is superseded by any other template, whatever its counts', () => {
    const other = { ...template, spec: { containers: [{ name: 'app', image: 'web:3' }] } };
    expect(rolloutOf(deployment({}, { template: other }), sets, applied)).toMatchObject({
      superseded: true,
      done: false,
    });
  });

  it('takes a ReplicaSet only of this very Deployment, and knows no hash before there is one', () => {
    expect(rolloutOf(deployment(), [set('alien', 'web:2', 'd-9')], applied)).not.toHaveProperty('templateHash');
  });

  const stalled = {
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' }],
  };
  it("passes on the controller's own deadline, once it speaks of this generation", () => {
    expect(rolloutOf(deployment(stalled), sets, applied).stalled).toBe('timed out');
    expect(rolloutOf(deployment({ ...stalled, observedGeneration: 3 }), sets, applied).stalled).toBeUndefined();
  });

  it('takes no notice of what the controller still says of an earlier rollout', () => {
    const at = (lastUpdateTime: string) => ({ conditions: [{ ...stalled.conditions[0]!, lastUpdateTime }] });
    const before = deployment(at('2026-01-01T00:00:00Z'));
    const again = { ...applied, stalledBefore: stalledBefore(before) };
    expect(rolloutOf(before, sets, again).stalled).toBeUndefined();
    expect(rolloutOf(deployment(at('2026-01-01T00:10:00Z')), sets, again).stalled).toBe('timed out');
    expect(stalledBefore(deployment())).toBeUndefined();
  });
});
