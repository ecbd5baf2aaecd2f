import { k8s } from 'cdk8s-plus-28';
import type { Finding } from '../../src/conventions/index.js';
import { runsToEnd } from '../app/workload-kind.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { jsonOf } from '../pod/json.js';
import type { ObjectOf } from './app-objects.js';

/** How many pods of an app may be away at once because a node is drained. */
export interface DisruptionBudget {
  /**
   * A whole number of at least 1, or a share of the wanted pods, `25%`. There is no bound from below: with one, the single
   * pod of a small app could never be moved, and its node never be drained.
   */
  readonly maxUnavailable: number | string;
}

/** The PodDisruptionBudget of the workload's pods. */
export const disruptionBudgetObject: ObjectOf = ({ props, workload, workloadKind }) => {
  const { disruptionBudget = { maxUnavailable: 1 } } = props;
  if (disruptionBudget === false || runsToEnd(workloadKind)) return undefined;
  const { maxUnavailable } = disruptionBudget;
  const spec: unknown = k8s.toJson_PodDisruptionBudgetSpec({
    maxUnavailable:
      typeof maxUnavailable === 'number'
        ? k8s.IntOrString.fromNumber(maxUnavailable)
        : k8s.IntOrString.fromString(maxUnavailable),
    selector: { matchLabels: workload.selector },
  });
  return {
    id: 'disruption-budget',
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    name: workload.name,
    labels: workload.labels,
    body: { spec: jsonOf(spec) },
  };
};

/** Budgets that would keep every node from being drained, or are none. */
export function disruptionBudgetFindings({ disruptionBudget = false }: YouzanAppProps): Finding[] {
  if (disruptionBudget === false) return [];
  const { maxUnavailable } = disruptionBudget;
  const valid =
    typeof maxUnavailable === 'number'
      ? Number.isInteger(maxUnavailable) && maxUnavailable >= 1
      : /^([1-9]\d?|100)%$/.test(maxUnavailable);
  if (valid) return [];
  const allowed = 'a whole number of at least 1, or 1% to 100%; false for no budget';
  const message = `is ${JSON.stringify(maxUnavailable)}; allowed: ${allowed}`;
  return [{ path: 'disruptionBudget.maxUnavailable', message }];
}
