import type { ManifestObject } from '../objects/manifest-object.js';
import { at, isSet, itemsAt, numberAt, type Place, rootOf, textAt } from './place.js';
import { type PodContainer, podsOf } from './pods.js';
import type { Rule } from './rule.js';
import { targetOf } from './selector.js';

const scalersOf = (bundle: readonly ManifestObject[]): ManifestObject[] =>
  bundle.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
const targetPlace = (scaler: ManifestObject): Place => at(rootOf(scaler), 'spec.scaleTargetRef');

/** A resource that is counted as a share of what containers request. */
interface UtilizationMetric {
  readonly place: Place;
  readonly resource: string;
  /** Of one container; undefined for the whole pod. */
  readonly container: string | undefined;
}

function utilizationMetrics(scaler: ManifestObject): UtilizationMetric[] {
  const root = rootOf(scaler);
  const metrics = itemsAt(root, 'spec.metrics');
  // Without metrics it counts the CPU.
  if (metrics.length === 0) return [{ place: at(root, 'spec.metrics'), resource: 'cpu', container: undefined }];
  return metrics
    .flatMap((metric) => [at(metric, 'resource'), at(metric, 'containerResource')])
    .filter((place) => textAt(place, 'target.type') === 'Utilization')
    .map((place) => ({ place, resource: textAt(place, 'name') ?? '', container: textAt(place, 'container') }));
}

/** Without a request of its own a container requests what its limit is. */
const requests = ({ place }: PodContainer, resource: string): boolean =>
  isSet(at(place, `resources.requests.${resource}`)) || isSet(at(place, `resources.limits.${resource}`));

export const hpaRequests: Rule = {
  id: 'hpa-requests',
  what: 'Every container that a HorizontalPodAutoscaler measures by utilization requests the resource.',
  why: 'Utilization is a share of the request: without one the autoscaler does nothing.',
  severity: 'error',
  fix: 'give the container a request, or measure by an average value',
  check: (bundle) =>
    scalersOf(bundle).flatMap((scaler) => {
      const target = targetOf(targetPlace(scaler), bundle);
      const containers = podsOf(bundle).find(({ object }) => object === target)?.containers ?? [];
      return utilizationMetrics(scaler).flatMap(({ place, resource, container }) =>
        containers
          .filter(({ name, role }) => role !== 'init' && (container === undefined || container === name))
          .filter((one) => !requests(one, resource))
          .map(({ name }) => ({ place, message: `container "${name ?? ''}" requests no ${resource}` })),
      );
    }),
};

export const hpaReplicas: Rule = {
  id: 'hpa-replicas',
  what: 'A workload with an autoscaler has no replicas.',
  why: "Every release would set the number back from the autoscaler's.",
  severity: 'error',
  fix: 'leave replicas out of the workload',
  check: (bundle) =>
    scalersOf(bundle).flatMap((scaler) => {
      const target = targetOf(targetPlace(scaler), bundle);
      if (target === undefined) return [];
      const place = at(rootOf(target), 'spec.replicas');
      return isSet(place)
        ? [{ place, message: `${String(place.value)} beside the autoscaler ${scaler.metadata.name}` }]
        : [];
    }),
};

export const hpaBounds: Rule = {
  id: 'hpa-bounds',
  what: 'An autoscaler has a largest number of replicas that is at least the smallest.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'give maxReplicas of at least minReplicas, and minReplicas of at least 1',
  check: (bundle) =>
    scalersOf(bundle).flatMap((scaler) => {
      const smallest = numberAt(rootOf(scaler), 'spec.minReplicas') ?? 1;
      const place = at(rootOf(scaler), 'spec.maxReplicas');
      const fits = typeof place.value === 'number' && place.value >= smallest && smallest >= 1;
      return fits ? [] : [{ place, message: `${String(place.value)} with a minimum of ${smallest}` }];
    }),
};

export const budgetForm: Rule = {
  id: 'budget-form',
  what: 'A PodDisruptionBudget has either minAvailable or maxUnavailable.',
  why: 'Both are refused by the API server; neither is no budget.',
  severity: 'error',
  fix: 'keep maxUnavailable, which needs no change when the replicas do',
  check: (bundle) =>
    bundle
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map((budget) => at(rootOf(budget), 'spec'))
      .flatMap((place) => {
        const count = ['minAvailable', 'maxUnavailable'].filter((key) => isSet(at(place, key))).length;
        return count === 1 ? [] : [{ place, message: count === 0 ? 'has neither' : 'has both' }];
      }),
};
