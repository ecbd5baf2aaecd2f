import type { ManifestObject } from '../objects/manifest-object.js';
import { knows } from '../pod/cluster-version.js';
import { fieldVersions, type FieldVersion } from './field-versions.js';
import { at, isSet, items, type Place, rootOf } from './place.js';
import { containersOf, podsOf } from './pods.js';
import type { Rule } from './rule.js';

export const fieldVersion: Rule = {
  id: 'field-version',
  what: "No field is newer than the cluster's Kubernetes.",
  why: 'An older API server drops the field without a word, or refuses it.',
  severity: 'error',
  fix: 'leave the field out in this cluster, or upgrade the cluster and its version in the fleet',
  check: (bundle, { kubernetesVersion }) => {
    if (kubernetesVersion === undefined) return [];
    return newerThan(kubernetesVersion).flatMap((entry) =>
      placesOf(entry, bundle).map((place) => ({
        place,
        message:
          entry.since === undefined
            ? 'is switched off in every version up to 1.35'
            : `needs Kubernetes ${entry.since}; the cluster has ${kubernetesVersion}`,
      })),
    );
  },
};

const newer = new Map<string, readonly FieldVersion[]>();

/** A fleet has few versions and many bundles. */
function newerThan(version: string): readonly FieldVersion[] {
  const known =
    newer.get(version) ?? fieldVersions.filter(({ since }) => since === undefined || !knows(version, since));
  newer.set(version, known);
  return known;
}

function placesOf({ of, field, values }: FieldVersion, bundle: readonly ManifestObject[]): Place[] {
  const roots =
    of === 'pod'
      ? podsOf(bundle).map(({ spec }) => spec)
      : of === 'container'
        ? containersOf(bundle).map(({ place }) => place)
        : bundle.filter(({ kind }) => kind === of).map(rootOf);
  return roots
    .flatMap((root) => reach(root, field))
    .filter((place) => isSet(place) && (values === undefined || values.includes(String(place.value))));
}

/** The places of a field, one in each item of the lists on its way. */
function reach(root: Place, field: string): Place[] {
  return field
    .split('[].')
    .reduce<Place[]>(
      (places, keys, index) => (index === 0 ? [at(root, keys)] : places.flatMap(items).map((item) => at(item, keys))),
      [],
    );
}
