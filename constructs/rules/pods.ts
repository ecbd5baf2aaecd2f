import type { ManifestObject } from '../objects/manifest-object.js';
import { at, items, type Place, rootOf, textAt, textsAt } from './place.js';

/** A container of a pod, and what kind of one: `init` ends before the pod starts, a `sidecar` runs beside `main`. */
export interface PodContainer {
  readonly place: Place;
  readonly role: 'main' | 'sidecar' | 'init';
  readonly name: string | undefined;
  readonly ports: readonly Place[];
}

/** The pods of an object: a template, or a pod itself. */
export interface Pod {
  readonly object: ManifestObject;
  /** What holds `metadata` and `spec`. */
  readonly template: Place;
  readonly spec: Place;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly PodContainer[];
}

const templateKeys: Readonly<Record<string, string>> = {
  Deployment: 'spec.template',
  StatefulSet: 'spec.template',
  DaemonSet: 'spec.template',
  ReplicaSet: 'spec.template',
  Job: 'spec.template',
  CronJob: 'spec.jobTemplate.spec.template',
};

/** Kinds whose pods are replaced, by a selector that nothing may change. */
export const controllerKinds: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];

const known = new WeakMap<readonly ManifestObject[], readonly Pod[]>();

/** The pods of all objects of a bundle; read once, however many rules ask. */
export function podsOf(bundle: readonly ManifestObject[]): readonly Pod[] {
  const found = known.get(bundle) ?? bundle.flatMap((object) => podOf(object) ?? []);
  known.set(bundle, found);
  return found;
}

/** All containers of a bundle. */
export const containersOf = (bundle: readonly ManifestObject[]): readonly PodContainer[] =>
  podsOf(bundle).flatMap(({ containers }) => containers);

function podOf(object: ManifestObject): Pod | undefined {
  const keys = templateKeys[object.kind];
  if (keys === undefined && object.kind !== 'Pod') return undefined;
  const template = keys === undefined ? rootOf(object) : at(rootOf(object), keys);
  const spec = at(template, 'spec');
  const containers = [
    ...items(at(spec, 'initContainers')).map((place) =>
      containerOf(place, textAt(place, 'restartPolicy') === 'Always' ? 'sidecar' : 'init'),
    ),
    ...items(at(spec, 'containers')).map((place) => containerOf(place, 'main')),
  ];
  return { object, template, spec, labels: textsAt(template, 'metadata.labels'), containers };
}

const containerOf = (place: Place, role: PodContainer['role']): PodContainer => ({
  place,
  role,
  name: textAt(place, 'name'),
  ports: items(at(place, 'ports')),
});
