import { at, fields, inNamespaceOf, isSet, rootOf, textOf } from './place.js';
import { controllerKinds, podsOf } from './pods.js';
import type { Rule } from './rule.js';
import { podsOfService, selects, targetOf } from './selector.js';

export const selectorLabels: Rule = {
  id: 'selector-labels',
  what: 'The selector of a workload matches the labels of its own pods, and is not empty.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'let the selector be a part of the labels of the template',
  check: (bundle) =>
    podsOf(bundle)
      .filter(({ object }) => controllerKinds.includes(object.kind))
      .flatMap(({ object, labels }) => {
        const selector = at(rootOf(object), 'spec.selector');
        const empty = fields(at(selector, 'matchLabels')).length === 0 && !isSet(at(selector, 'matchExpressions'));
        if (empty) return [{ place: selector, message: 'selects nothing of its own' }];
        return selects(selector, labels)
          ? []
          : [{ place: selector, message: `does not match the labels of the pods, ${JSON.stringify(labels)}` }];
      }),
};

export const selectorOverlap: Rule = {
  id: 'selector-overlap',
  what: 'The selector of a workload matches the pods of no other workload.',
  why: 'Two controllers count and delete the same pods.',
  severity: 'error',
  fix: 'add a label to both that tells them apart, such as the color',
  check: (bundle) => {
    const pods = podsOf(bundle);
    return pods
      .filter(({ object }) => controllerKinds.includes(object.kind))
      .flatMap(({ object }) => {
        const place = at(rootOf(object), 'spec.selector');
        if (fields(place).length === 0) return [];
        return pods
          .filter(
            (other) => other.object !== object && inNamespaceOf(other.template, place) && selects(place, other.labels),
          )
          .map((other) => ({
            place,
            message: `matches the pods of ${other.object.kind} ${other.object.metadata.name} too`,
          }));
      });
  },
};

/** The label that cdk8s-plus makes of a construct's path. */
const pathLabel = 'cdk8s.io/metadata.addr';

export const selectorPath: Rule = {
  id: 'selector-path',
  what: 'No selector comes from the path of a construct.',
  why: 'A construct that is renamed or moved changes the selector, which nobody may change: the release fails until the workload is deleted.',
  severity: 'warning',
  fix: 'select by labels of your own: podMetadata with labels, and select: false',
  check: (bundle) =>
    bundle.flatMap((object) =>
      ['spec.selector', 'spec.selector.matchLabels']
        .map((keys) => at(rootOf(object), keys))
        .flatMap((map) => fields(map).filter(([key]) => key === pathLabel))
        .map(([, place]) => ({ place, message: 'is made of the path of a construct' })),
    ),
};

export const serviceSelects: Rule = {
  id: 'service-selects',
  what: 'A Service selects pods of the bundle, when the bundle has any.',
  why: 'It has no endpoints, and the gateway no servers.',
  severity: 'error',
  fix: 'select by labels of the pods; a Service of other pods belongs into a bundle without any',
  check: (bundle) => {
    if (podsOf(bundle).length === 0) return [];
    return bundle
      .filter(({ kind }) => kind === 'Service')
      .filter((service) => podsOfService(service, bundle)?.length === 0)
      .map((service) => {
        const place = at(rootOf(service), 'spec.selector');
        return { place, message: `${textOf(place)} selects no pods of the bundle` };
      });
  },
};

export const budgetSelects: Rule = {
  id: 'budget-selects',
  what: 'A PodDisruptionBudget selects pods of the bundle, when the bundle has any.',
  why: 'A drain takes all pods away at once.',
  severity: 'error',
  fix: 'select by labels of the pods',
  check: (bundle) => {
    const pods = podsOf(bundle);
    if (pods.length === 0) return [];
    return bundle
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map((budget) => at(rootOf(budget), 'spec.selector'))
      .filter((place) => !pods.some((pod) => inNamespaceOf(pod.template, place) && selects(place, pod.labels)))
      .map((place) => ({ place, message: 'selects no pods of the bundle' }));
  },
};

export const scaleTarget: Rule = {
  id: 'scale-target',
  what: 'An autoscaler changes a workload of the bundle, when the bundle has any.',
  why: 'It does nothing, and says so only in its status.',
  severity: 'error',
  fix: 'name the kind and name of the workload',
  check: (bundle) => {
    if (podsOf(bundle).length === 0) return [];
    const keys: Readonly<Record<string, string>> = {
      HorizontalPodAutoscaler: 'spec.scaleTargetRef',
      VerticalPodAutoscaler: 'spec.targetRef',
    };
    return bundle
      .flatMap((object) => (keys[object.kind] === undefined ? [] : [at(rootOf(object), keys[object.kind] ?? '')]))
      .filter((place) => targetOf(place, bundle) === undefined)
      .map((place) => ({ place, message: `${textOf(place)} is not in the bundle` }));
  },
};
