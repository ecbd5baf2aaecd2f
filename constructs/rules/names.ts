import { isDnsLabel, isDnsSubdomain, isLabelKey, isLabelValue } from '../../src/conventions/index.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import { at, fields, isSet, items, type Place, repeated, rootOf, textOf } from './place.js';
import { containersOf, podsOf } from './pods.js';
import type { Rule, RuleHit } from './rule.js';

/** What a name must be, where it is not any DNS subdomain. */
const nameForms: Readonly<Record<string, (name: string) => boolean>> = {
  Service: isDnsLabel,
  Namespace: isDigitLabel,
  CronJob: (name) => isDnsSubdomain(name) && name.length <= 52,
  Job: (name) => isDnsSubdomain(name) && name.length <= 63,
  ...Object.fromEntries(
    ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => [kind, isPathSegment]),
  ),
};

/** As a DNS label, which may start with a digit too. */
export function isDigitLabel(name: string): boolean {
  return isDnsSubdomain(name) && name.length <= 63 && !name.includes('.');
}

function isPathSegment(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/%]/.test(name);
}

export const objectName: Rule = {
  id: 'object-name',
  what: 'An object has a name that its kind allows, and a namespace that is a DNS label.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'lower-case letters, digits and inner dashes; at most 63 for a Service or a Namespace, 52 for a CronJob',
  check: (bundle) =>
    bundle.flatMap((object) => {
      const name = at(rootOf(object), 'metadata.name');
      const namespace = at(rootOf(object), 'metadata.namespace');
      const fits = typeof name.value === 'string' && (nameForms[object.kind] ?? isDnsSubdomain)(name.value);
      const wrong = isSet(namespace) && !(typeof namespace.value === 'string' && isDigitLabel(namespace.value));
      return [
        ...(fits ? [] : [{ place: name, message: `${textOf(name)} is no name of a ${object.kind}` }]),
        ...(wrong ? [{ place: namespace, message: `${textOf(namespace)} is no namespace` }] : []),
      ];
    }),
};

export const statefulSetName: Rule = {
  id: 'stateful-set-name',
  what: 'The name of a StatefulSet has at most 52 characters.',
  why: 'A label of its pods is the name and a hash: no pod could be made.',
  severity: 'error',
  fix: 'shorten the name',
  check: (bundle) =>
    bundle
      .filter(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name.length > 52)
      .map((object) => ({
        place: at(rootOf(object), 'metadata.name'),
        message: `"${object.metadata.name}" has ${object.metadata.name.length} characters`,
      })),
};

export const duplicateObject: Rule = {
  id: 'duplicate-object',
  what: 'No two objects of a bundle have one kind, namespace and name.',
  why: 'The second takes the place of the first when they are applied.',
  severity: 'error',
  fix: 'name one of them otherwise',
  check: (bundle) =>
    repeated(bundle, ({ apiVersion, kind, metadata }) =>
      [apiVersion.split('/')[0], kind, metadata.namespace ?? '', metadata.name].join(' '),
    ).map((object) => ({
      place: at(rootOf(object), 'metadata.name'),
      message: `there is another ${object.kind} ${object.metadata.name}`,
    })),
};

/** Where labels stand, and what must be written as labels are. */
function labelMaps(bundle: readonly ManifestObject[]): Place[] {
  const ofObjects = bundle.flatMap((object) => {
    const root = rootOf(object);
    const selector = at(root, 'spec.selector');
    return [at(root, 'metadata.labels'), object.kind === 'Service' ? selector : at(selector, 'matchLabels')];
  });
  const ofPods = podsOf(bundle).flatMap(({ object, template, spec }) => [
    ...(object.kind === 'Pod' ? [] : [at(template, 'metadata.labels')]),
    at(spec, 'nodeSelector'),
  ]);
  return [...ofObjects, ...ofPods];
}

export const label: Rule = {
  id: 'label',
  what: 'Labels and selectors have keys and values that Kubernetes allows.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'a key is an optional DNS name and /, then at most 63 characters; a value is a text of at most 63 letters, digits, and inner - _ and dots',
  check: (bundle) =>
    labelMaps(bundle)
      .flatMap(fields)
      .flatMap(([key, place]) => [
        ...(isLabelKey(key) ? [] : [{ place, message: `"${key}" is no label key` }]),
        ...(typeof place.value === 'string' && isLabelValue(place.value)
          ? []
          : [{ place, message: `${textOf(place)} is no label value` }]),
      ]),
};

export const annotation: Rule = {
  id: 'annotation',
  what: 'Annotations have keys that Kubernetes allows, texts as values, and 256 KiB together.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'write a key as a label has one, and the value as a text',
  check: (bundle) => {
    const maps = [
      ...bundle.map((object) => at(rootOf(object), 'metadata.annotations')),
      ...podsOf(bundle)
        .filter(({ object }) => object.kind !== 'Pod')
        .map(({ template }) => at(template, 'metadata.annotations')),
    ];
    return maps.flatMap((map) => {
      const entries = fields(map);
      const bytes = entries.reduce((sum, [key, { value }]) => sum + Buffer.byteLength(key + String(value)), 0);
      return [
        ...entries.flatMap(([key, place]): RuleHit[] => [
          ...(isLabelKey(key.toLowerCase()) ? [] : [{ place, message: `"${key}" is no annotation key` }]),
          ...(typeof place.value === 'string' ? [] : [{ place, message: `${textOf(place)} is no text` }]),
        ]),
        ...(bytes > 262_144 ? [{ place: map, message: `has ${bytes} bytes; allowed are 262144` }] : []),
      ];
    });
  },
};

export const containerName: Rule = {
  id: 'container-name',
  what: 'A pod has a container, and each has a name of its own that is a DNS label.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'lower-case letters, digits and inner dashes, at most 63; init containers are counted too',
  check: (bundle) => [
    ...podsOf(bundle)
      .filter(({ spec }) => items(at(spec, 'containers')).length === 0)
      .map(({ spec }) => ({ place: at(spec, 'containers'), message: 'has no container' })),
    ...containersOf(bundle)
      .filter(({ name }) => name === undefined || !isDigitLabel(name))
      .map(({ place }) => ({
        place: at(place, 'name'),
        message: `${textOf(at(place, 'name'))} is no name of a container`,
      })),
    ...podsOf(bundle).flatMap(({ containers }) =>
      repeated(containers, ({ name }) => name).map(({ place, name }) => ({
        place: at(place, 'name'),
        message: `there is another container "${name ?? ''}"`,
      })),
    ),
  ],
};
