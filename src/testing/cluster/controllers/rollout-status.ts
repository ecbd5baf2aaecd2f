// A Deployment's status and conditions, in the API's own words.
import type { DeploymentCondition, DeploymentStatus } from 'kubernetes-types/apps/v1.js';
import { timeText, type DeploymentObject, type ReplicaSetObject } from './objects.js';

export interface RolloutObservation {
  readonly deployment: DeploymentObject;
  readonly current: ReplicaSetObject | undefined;
  readonly sets: readonly ReplicaSetObject[];
  readonly maxUnavailable: number;
  /** The present template's set is not the one of the former status. */
  readonly isNewRollout: boolean;
  readonly now: number;
}

export interface RolloutStatus {
  readonly status: DeploymentStatus;
  /** When the progress deadline passes, in milliseconds since 1970. */
  readonly deadlineAt: number | undefined;
}

type Progress = Pick<DeploymentCondition, 'status' | 'reason' | 'message'>;

const total = (sets: readonly ReplicaSetObject[], count: (set: ReplicaSetObject) => number | undefined): number =>
  sets.reduce((sum, set) => sum + (count(set) ?? 0), 0);

function replaced(
  conditions: readonly DeploymentCondition[],
  type: string,
  next: Progress,
  now: number,
  touch: boolean,
): DeploymentCondition[] {
  const former = conditions.find((condition) => condition.type === type);
  const same = former?.status === next.status && former.reason === next.reason && former.message === next.message;
  if (former !== undefined && same && !touch) return [...conditions];
  const at = timeText(now);
  const lastTransitionTime = former?.status === next.status ? (former.lastTransitionTime ?? at) : at;
  const condition: DeploymentCondition = { type, ...next, lastUpdateTime: at, lastTransitionTime };
  return [...conditions.filter((other) => other.type !== type), condition];
}

function isComplete({ spec }: DeploymentObject, status: DeploymentStatus): boolean {
  const wanted = spec.replicas ?? 1;
  return status.updatedReplicas === wanted && status.replicas === wanted && status.availableReplicas === wanted;
}

function hasProgressed(former: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  const grew = (count: (status: DeploymentStatus) => number | undefined): boolean =>
    (count(next) ?? 0) > (count(former) ?? 0);
  return (
    grew((status) => status.updatedReplicas) ||
    grew((status) => status.readyReplicas) ||
    grew((status) => status.availableReplicas) ||
    old(next) < old(former)
  );
}

/** The API leaves out counts that are 0. */
export function withoutZeros<T extends object>(status: T): Partial<T> {
  const kept: Partial<T> = { ...status };
  for (const [field, value] of Object.entries(status)) if (value === 0) Reflect.deleteProperty(kept, field);
  return kept;
}

/** Pure: the status that follows from the ReplicaSets' own. */
export function rolloutStatus(observation: RolloutObservation): RolloutStatus {
  const { deployment, current, sets, maxUnavailable, isNewRollout, now } = observation;
  const former = deployment.status ?? {};
  const wanted = deployment.spec.replicas ?? 1;
  const available = total(sets, (set) => set.status?.availableReplicas);
  const counted: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total(sets, (set) => set.status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(sets, (set) => set.status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(sets, (set) => set.spec.replicas) - available),
  };
  let conditions = [...(former.conditions ?? [])];
  const progressing = (next: Progress, touch = false): void => {
    conditions = replaced(conditions, 'Progressing', next, now, touch);
  };
  const present = (): DeploymentCondition | undefined => conditions.find(({ type }) => type === 'Progressing');
  const title =
    current === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`;
  if (isNewRollout && current !== undefined) {
    const [reason, verb] =
      current.status === undefined ? ['NewReplicaSetCreated', 'Created'] : ['FoundNewReplicaSet', 'Found'];
    progressing({ status: 'True', reason, message: `${verb} new replica set "${current.metadata.name}"` }, true);
  }
  if (deployment.spec.paused === true) {
    progressing({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' });
  } else {
    if (present()?.reason === 'DeploymentPaused') {
      progressing({ status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' });
    }
    const settled = counted.replicas === counted.updatedReplicas && present()?.reason === 'NewReplicaSetAvailable';
    if (!(settled && isComplete(deployment, counted))) {
      if (isComplete(deployment, counted)) {
        const message = `${title} has successfully progressed.`;
        progressing({ status: 'True', reason: 'NewReplicaSetAvailable', message });
      } else if (!settled && (present() === undefined || hasProgressed(former, counted))) {
        progressing({ status: 'True', reason: 'ReplicaSetUpdated', message: `${title} is progressing.` }, true);
      }
    }
  }
  const deadlineAt = progressDeadline(deployment, present(), isComplete(deployment, counted));
  if (deadlineAt !== undefined && deadlineAt <= now) {
    progressing({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `${title} has timed out progressing.`,
    });
  }
  const minimum = available >= wanted - maxUnavailable;
  conditions = replaced(
    conditions,
    'Available',
    minimum
      ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
      : {
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
    now,
    false,
  );
  return {
    status: { ...withoutZeros(counted), conditions },
    deadlineAt: deadlineAt !== undefined && deadlineAt > now ? deadlineAt : undefined,
  };
}

function progressDeadline(
  deployment: DeploymentObject,
  progressing: DeploymentCondition | undefined,
  complete: boolean,
): number | undefined {
  const ended = ['DeploymentPaused', 'NewReplicaSetAvailable', 'ProgressDeadlineExceeded'];
  if (complete || progressing === undefined || ended.includes(progressing.reason ?? '')) return undefined;
  const seconds = deployment.spec.progressDeadlineSeconds ?? 600;
  return Date.parse(progressing.lastUpdateTime ?? '') + seconds * 1_000;
}
