import {
  type Condition,
  type DeploymentObject,
  hashLabel,
  type PodTemplate,
  type ReplicaSetObject,
} from './deployment.js';

/** How far a rollout is, as its own controller says. */
export interface RolloutSight {
  /** Every pod is of this template and available, and no other is left. */
  readonly done: boolean;
  /** `1 of 2 updated, 1 available, 1 old`. */
  readonly text: string;
  /** Another release or a person changed the pod template since it was applied. */
  readonly superseded: boolean;
  readonly paused: boolean;
  /** The controller's own progress deadline passed; its message. */
  readonly stalled?: string | undefined;
  /** Undefined until the template's ReplicaSet is there. */
  readonly templateHash?: string | undefined;
}

/**
 * The state of the rollout of one pod template, which is the one that the apply answered. Pure. The template itself is
 * compared, not a name or a revision: success is bound to what was released.
 */
export function rolloutOf(
  deployment: DeploymentObject,
  replicaSets: readonly ReplicaSetObject[],
  applied: { readonly uid: string; readonly template: PodTemplate; readonly stalledBefore?: string | undefined },
): RolloutSight {
  const { metadata, spec, status = {} } = deployment;
  const { replicas = 1 } = spec;
  const updated = status.updatedReplicas ?? 0;
  const available = status.availableReplicas ?? 0;
  const old = (status.replicas ?? 0) - updated;
  const observed = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const template = textOf(applied.template);
  const superseded = metadata.uid !== applied.uid || textOf(spec.template) !== template;
  const set = replicaSets.find(
    (one) =>
      (one.metadata.ownerReferences ?? []).some(({ uid, controller }) => controller === true && uid === metadata.uid) &&
      textOf(withoutHash(one.spec.template)) === template,
  );
  const stall = observed ? stallOf(deployment) : undefined;
  return {
    done: observed && !superseded && updated === replicas && available === replicas && old === 0,
    text: `${updated} of ${replicas} updated, ${available} available, ${old} old${observed ? '' : ', not yet seen by its controller'}`,
    superseded,
    paused: spec.paused === true,
    ...(stall === undefined || stallMark(stall) === applied.stalledBefore
      ? {}
      : { stalled: stall.message ?? 'ProgressDeadlineExceeded' }),
    ...(set === undefined ? {} : { templateHash: set.metadata.labels?.[hashLabel] }),
  };
}

/** The controller's word that the rollout makes no progress. */
function stallOf({ status }: DeploymentObject): Condition | undefined {
  const progress = conditionOf(status?.conditions, 'Progressing');
  return progress?.reason === 'ProgressDeadlineExceeded' ? progress : undefined;
}

/**
 * Tells a stall from a later one. The controller takes the word back only when it sees progress, neither for a pause nor
 * for a new generation: what it said of an earlier rollout says nothing about this one.
 */
export function stalledBefore(deployment: DeploymentObject): string | undefined {
  const stall = stallOf(deployment);
  return stall === undefined ? undefined : stallMark(stall);
}

const stallMark = ({ lastUpdateTime = '' }: Condition): string => lastUpdateTime;

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The controller adds the hash to the labels of its ReplicaSet's template. */
function withoutHash(template: PodTemplate): PodTemplate {
  const labels = Object.entries(template.metadata?.labels ?? {}).filter(([key]) => key !== hashLabel);
  return { ...template, metadata: { ...template.metadata, labels: Object.fromEntries(labels) } };
}

/** Equal for equal values, whatever the order of their keys; null and absent are the same to the API. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(
          Object.entries(field)
            .filter(([, inner]) => inner !== null)
            .sort(([left], [right]) => (left < right ? -1 : 1)),
        )
      : field,
  );
}
