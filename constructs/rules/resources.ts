import { isLabelKey, quantityValue } from '../../src/conventions/index.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import { at, fields, isSet, itemsAt, type Place, rootOf, textOf } from './place.js';
import { containersOf, podsOf } from './pods.js';
import type { Rule } from './rule.js';

const amountOf = ({ value }: Place): number | undefined =>
  typeof value === 'number' ? value : typeof value === 'string' ? quantityValue(value) : undefined;

/** Where requests and limits stand. */
const resourcesOf = (bundle: readonly ManifestObject[]): Place[] => [
  ...containersOf(bundle).map(({ place }) => at(place, 'resources')),
  ...podsOf(bundle).map(({ spec }) => at(spec, 'resources')),
];

/** Every amount of a bundle. */
function quantitiesOf(bundle: readonly ManifestObject[]): Place[] {
  const groups = [
    ...resourcesOf(bundle).flatMap((place) => [at(place, 'requests'), at(place, 'limits')]),
    ...bundle.filter(({ kind }) => kind === 'ResourceQuota').map((quota) => at(rootOf(quota), 'spec.hard')),
    ...bundle
      .filter(({ kind }) => kind === 'LimitRange')
      .flatMap((range) => itemsAt(rootOf(range), 'spec.limits'))
      .flatMap((limit) => ['default', 'defaultRequest', 'min', 'max'].map((key) => at(limit, key))),
  ];
  const averages = bundle
    .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
    .flatMap((scaler) => itemsAt(rootOf(scaler), 'spec.metrics'))
    .flatMap((metric) =>
      fields(metric).flatMap(([, source]) => ['target.averageValue', 'target.value'].map((keys) => at(source, keys))),
    );
  const sizes = podsOf(bundle).flatMap(({ spec }) =>
    itemsAt(spec, 'volumes').map((volume) => at(volume, 'emptyDir.sizeLimit')),
  );
  return [
    ...groups.flatMap((group) => fields(group).map(([, place]) => place)),
    ...[...averages, ...sizes].filter(isSet),
  ];
}

export const quantity: Rule = {
  id: 'quantity',
  what: 'An amount of a resource is a Kubernetes quantity, and not below 0.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'such as 500m, 2, 1.5 or 1Gi',
  check: (bundle) =>
    quantitiesOf(bundle)
      .filter((place) => !((amountOf(place) ?? -1) >= 0))
      .map((place) => ({ place, message: `${textOf(place)} is no quantity` })),
};

export const limitBelowRequest: Rule = {
  id: 'limit-below-request',
  what: 'A limit is at least the request.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'raise the limit, or lower the request',
  check: (bundle) =>
    resourcesOf(bundle).flatMap((resources) =>
      fields(at(resources, 'limits')).flatMap(([name, place]) => {
        const request = fields(at(resources, 'requests')).find(([key]) => key === name)?.[1];
        if (request === undefined || (amountOf(place) ?? 0) >= (amountOf(request) ?? 0)) return [];
        return [{ place, message: `${textOf(place)} is less than the request, ${textOf(request)}` }];
      }),
    ),
};

const isStandard = (name: string): boolean =>
  ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-');

export const resourceName: Rule = {
  id: 'resource-name',
  what: 'A resource is cpu, memory, ephemeral-storage, hugepages-…, or has the name of a domain before it.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'look at the spelling; a device is nvidia.com/gpu',
  check: (bundle) =>
    resourcesOf(bundle).flatMap((resources) =>
      [at(resources, 'requests'), at(resources, 'limits')]
        .flatMap(fields)
        .filter(([name]) => !isStandard(name) && !(name.includes('/') && isLabelKey(name)))
        .map(([name, place]) => ({ place, message: `"${name}" is no resource` })),
    ),
};

export const extendedResource: Rule = {
  id: 'extended-resource',
  what: 'A device has a limit, a whole number, and a request only of the same.',
  why: 'The API server refuses the object: devices are not shared.',
  severity: 'error',
  fix: 'give the limit alone',
  check: (bundle) =>
    resourcesOf(bundle).flatMap((resources) => {
      const limits = new Map(fields(at(resources, 'limits')));
      const requests = new Map(fields(at(resources, 'requests')));
      return [...new Set([...limits.keys(), ...requests.keys()])]
        .filter((name) => name.includes('/'))
        .flatMap((name) => {
          const place = limits.get(name);
          const request = requests.get(name);
          if (place === undefined) return request === undefined ? [] : [{ place: request, message: 'has no limit' }];
          const amount = amountOf(place);
          if (!Number.isInteger(amount)) return [{ place, message: `${textOf(place)} is no whole number` }];
          return request === undefined || amountOf(request) === amount
            ? []
            : [{ place: request, message: `${textOf(request)} is not the limit, ${textOf(place)}` }];
        });
    }),
};
