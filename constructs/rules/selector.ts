import type { ManifestObject } from '../objects/manifest-object.js';
import { inNamespaceOf, items, at, type Place, rootOf, textAt, textsAt } from './place.js';
import { type Pod, podsOf } from './pods.js';

type Labels = Readonly<Record<string, string>>;

/** True when a label selector with `matchLabels` and `matchExpressions` matches; an empty one matches all. */
export function selects(selector: Place, labels: Labels): boolean {
  return (
    hasAll(labels, textsAt(selector, 'matchLabels')) &&
    items(at(selector, 'matchExpressions')).every((one) => fits(one, labels))
  );
}

/** True when all of some labels are among others. */
export const hasAll = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

function fits(expression: Place, labels: Labels): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const among = items(at(expression, 'values')).some((one) => one.value === value);
  switch (textAt(expression, 'operator')) {
    case 'In':
      return among;
    case 'NotIn':
      return !among;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** The pods that a Service sends to; undefined when it selects none of its own. */
export function podsOfService(service: ManifestObject, bundle: readonly ManifestObject[]): readonly Pod[] | undefined {
  const place = rootOf(service);
  const selector = textsAt(place, 'spec.selector');
  if (Object.keys(selector).length === 0) return undefined;
  return podsOf(bundle).filter((pod) => inNamespaceOf(pod.template, place) && hasAll(pod.labels, selector));
}

/** The workload that an autoscaler changes, if it is in the bundle. */
export function targetOf(reference: Place, bundle: readonly ManifestObject[]): ManifestObject | undefined {
  const kind = textAt(reference, 'kind');
  const name = textAt(reference, 'name');
  return bundle.find(
    (object) => object.kind === kind && object.metadata.name === name && inNamespaceOf(rootOf(object), reference),
  );
}
