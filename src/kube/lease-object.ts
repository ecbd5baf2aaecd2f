import type { LeaseDecision, LeaseRecord } from './lease-decision.js';
import type { KubeObject } from './object.js';

/** A Lease as the API has it (`coordination.k8s.io/v1`). */
export interface LeaseObject extends KubeObject {
  spec?: LeaseSpec;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/** `2026-01-02T03:04:05.678000Z`: a Lease wants six digits. */
export function microTime(date: Date): string {
  return date.toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}

export function recordOf({ spec = {}, metadata }: LeaseObject, epochAnnotation: string): LeaseRecord {
  const epoch = Number(metadata.annotations?.[epochAnnotation] ?? 0);
  return {
    holder: spec.holderIdentity ?? '',
    durationSeconds: spec.leaseDurationSeconds ?? 0,
    renewTime: spec.renewTime ?? '',
    transitions: spec.leaseTransitions ?? 0,
    epoch: Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0,
    resourceVersion: metadata.resourceVersion ?? '',
  };
}

export interface HeldLease {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly durationMs: number;
  readonly epochAnnotation: string;
  readonly epoch: number;
  readonly date: Date;
}

/** The Lease held by `identity`, over what is there: to create, or to replace under its resourceVersion. */
export function heldLease(
  former: LeaseObject | undefined,
  decision: Exclude<LeaseDecision, 'wait'>,
  { namespace, name, identity, durationMs, epochAnnotation, epoch, date }: HeldLease,
): LeaseObject {
  const now = microTime(date);
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...(former?.metadata ?? { namespace, name }),
      annotations: { ...former?.metadata.annotations, [epochAnnotation]: String(epoch) },
    },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: decision === 'renew' ? (former?.spec?.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (former?.spec?.leaseTransitions ?? 0) + (decision === 'take' ? 1 : 0),
    },
  };
}

/** The Lease that nobody holds, for the next one to take at once. */
export function releasedLease(lease: LeaseObject, date: Date): LeaseObject {
  return { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(date) } };
}
