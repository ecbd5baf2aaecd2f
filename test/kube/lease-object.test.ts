import { describe, expect, it } from 'vitest';
import { heldLease, type LeaseObject, microTime, recordOf, releasedLease } from '../../src/kube/lease-object.js';

const epochAnnotation = 'youzan-kube.youzan.com/epoch';
const date = new Date('2026-01-02T03:04:05.678Z');
const held = {
  namespace: 'default',
  name: 'k8s-sync',
  identity: 'me',
  durationMs: 15_000,
  epochAnnotation,
  epoch: 8,
  date,
};
const theirs: LeaseObject = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {
    namespace: 'default',
    name: 'k8s-sync',
    uid: 'uid-1',
    resourceVersion: '100',
    annotations: { [epochAnnotation]: '7', other: 'kept' },
  },
  spec: {
    holderIdentity: 'other',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-02T00:00:00.000000Z',
    renewTime: '2026-01-02T03:00:00.000000Z',
    leaseTransitions: 3,
  },
};

describe('a Lease', () => {
  it('has times with six digits, or the API server refuses it', () => {
    expect(microTime(date)).toBe('2026-01-02T03:04:05.678000Z');
    expect(microTime(new Date('2026-01-02T03:04:05Z'))).toBe('2026-01-02T03:04:05.000000Z');
  });

  it('is read as a record', () => {
    expect(recordOf(theirs, epochAnnotation)).toEqual({
      holder: 'other',
      durationSeconds: 15,
      renewTime: '2026-01-02T03:00:00.000000Z',
      transitions: 3,
      epoch: 7,
      resourceVersion: '100',
    });
  });

  it('may lack everything', () => {
    const { apiVersion, kind } = theirs;
    expect(recordOf({ apiVersion, kind, metadata: { name: 'k8s-sync' } }, epochAnnotation)).toEqual({
      holder: '',
      durationSeconds: 0,
      renewTime: '',
      transitions: 0,
      epoch: 0,
      resourceVersion: '',
    });
  });

  it.each(['', 'seven', '-1', '1.5', '9007199254740993'])('has epoch 0 when its annotation is "%s"', (epoch) => {
    const metadata = { ...theirs.metadata, annotations: { [epochAnnotation]: epoch } };
    expect(recordOf({ ...theirs, metadata }, epochAnnotation).epoch).toBe(0);
  });

  it('is created with its epoch', () => {
    expect(heldLease(undefined, 'create', held)).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'default', name: 'k8s-sync', annotations: { [epochAnnotation]: '8' } },
      spec: {
        holderIdentity: 'me',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-02T03:04:05.678000Z',
        renewTime: '2026-01-02T03:04:05.678000Z',
        leaseTransitions: 0,
      },
    });
  });

  it('is taken under its resourceVersion, and counts the transition', () => {
    expect(heldLease(theirs, 'take', held)).toMatchObject({
      metadata: { uid: 'uid-1', resourceVersion: '100', annotations: { [epochAnnotation]: '8', other: 'kept' } },
      spec: { holderIdentity: 'me', acquireTime: '2026-01-02T03:04:05.678000Z', leaseTransitions: 4 },
    });
  });

  it('is renewed with the time of its acquisition and without a transition', () => {
    expect(heldLease(theirs, 'renew', held).spec).toMatchObject({
      acquireTime: '2026-01-02T00:00:00.000000Z',
      renewTime: '2026-01-02T03:04:05.678000Z',
      leaseTransitions: 3,
    });
  });

  it('lasts whole seconds, rather more than less', () => {
    expect(heldLease(undefined, 'create', { ...held, durationMs: 1200 }).spec?.leaseDurationSeconds).toBe(2);
  });

  it('is released under its resourceVersion, with its epoch and transitions', () => {
    expect(releasedLease(theirs, date)).toEqual({
      ...theirs,
      spec: {
        ...theirs.spec,
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: '2026-01-02T03:04:05.678000Z',
      },
    });
  });
});
