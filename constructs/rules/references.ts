import type { ManifestObject } from '../objects/manifest-object.js';
import { at, fields, inNamespaceOf, isSet, items, itemsAt, type Place, rootOf, textAt } from './place.js';
import { podsOf } from './pods.js';
import type { Rule } from './rule.js';

/** What a pod takes from a ConfigMap or a Secret. */
interface Reference {
  readonly place: Place;
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** The places of the keys that it needs. */
  readonly keys: readonly Place[];
}

const kinds = { configMap: 'ConfigMap', secret: 'Secret' } as const;

function referencesOf(bundle: readonly ManifestObject[]): Reference[] {
  const found: Reference[] = [];
  const add = (place: Place, source: keyof typeof kinds, nameKey: string, keys: readonly Place[]): void => {
    const name = textAt(place, nameKey);
    if (name !== undefined && at(place, 'optional').value !== true)
      found.push({ place, kind: kinds[source], name, keys });
  };
  for (const { spec, containers } of podsOf(bundle)) {
    for (const source of ['configMap', 'secret'] as const) {
      for (const { place } of containers) {
        for (const variable of itemsAt(place, 'env')) {
          const reference = at(variable, `valueFrom.${source}KeyRef`);
          add(reference, source, 'name', [at(reference, 'key')]);
        }
        for (const all of itemsAt(place, 'envFrom')) add(at(all, `${source}Ref`), source, 'name', []);
      }
      for (const volume of itemsAt(spec, 'volumes')) {
        const own = at(volume, source);
        const projected = itemsAt(volume, 'projected.sources').map((one) => at(one, source));
        add(own, source, source === 'secret' ? 'secretName' : 'name', itemKeys(own));
        for (const one of projected) add(one, source, 'name', itemKeys(one));
      }
    }
  }
  return found;
}

const itemKeys = (volume: Place): Place[] => items(at(volume, 'items')).map((item) => at(item, 'key'));

const sourceOf = ({ place, kind, name }: Reference, bundle: readonly ManifestObject[]): ManifestObject | undefined =>
  bundle.find((one) => one.kind === kind && one.metadata.name === name && inNamespaceOf(rootOf(one), place));

const keysOf = (object: ManifestObject): string[] =>
  ['data', 'binaryData', 'stringData'].flatMap((map) => fields(at(rootOf(object), map)).map(([key]) => key));

export const missingKey: Rule = {
  id: 'missing-key',
  what: 'A key that a pod takes from a ConfigMap or Secret of the bundle is in it.',
  why: 'The container is not started.',
  severity: 'error',
  fix: 'add the key, correct its name, or say optional: true',
  check: (bundle) =>
    referencesOf(bundle).flatMap((reference) => {
      const source = sourceOf(reference, bundle);
      if (source === undefined) return [];
      const known = keysOf(source);
      return reference.keys
        .filter((key) => isSet(key) && !known.includes(String(key.value)))
        .map((place) => ({
          place,
          message: `${source.kind} ${reference.name} has no key "${String(place.value)}"; it has ${known.join(', ') || 'none'}`,
        }));
    }),
};

export const missingConfigMap: Rule = {
  id: 'missing-config-map',
  what: 'A ConfigMap that a pod needs is in the bundle. A Secret need not be: it belongs into no repository.',
  why: 'The container is not started before somebody else makes it.',
  severity: 'warning',
  fix: 'add it to the bundle, or say optional: true',
  check: (bundle) =>
    referencesOf(bundle)
      .filter((reference) => reference.kind === 'ConfigMap' && sourceOf(reference, bundle) === undefined)
      .map(({ place, name }) => ({ place, message: `ConfigMap ${name} is not in the bundle` })),
};
