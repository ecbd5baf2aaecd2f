import { at, itemsAt, type Place, repeated, rootOf, textAt, textOf } from './place.js';
import { type Pod, podsOf } from './pods.js';
import type { Rule } from './rule.js';

/** Those of the pod, and those that a StatefulSet claims for each. */
function volumeNames({ spec, object }: Pod): string[] {
  const own = itemsAt(spec, 'volumes').flatMap((volume) => textAt(volume, 'name') ?? []);
  const claimed = itemsAt(rootOf(object), 'spec.volumeClaimTemplates').flatMap(
    (one) => textAt(one, 'metadata.name') ?? [],
  );
  return [...own, ...claimed];
}

const mountsOf = ({ containers }: Pod): Place[] =>
  containers.flatMap(({ place }) => itemsAt(place, 'volumeMounts', 'volumeDevices'));

export const volumeMount: Rule = {
  id: 'volume-mount',
  what: 'What a container mounts is a volume of its pod.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'add the volume, or correct the name',
  check: (bundle) =>
    podsOf(bundle).flatMap((pod) => {
      const names = volumeNames(pod);
      return mountsOf(pod)
        .map((mount) => at(mount, 'name'))
        .filter(({ value }) => !names.includes(String(value)))
        .map((place) => ({
          place,
          message: `there is no volume ${textOf(place)}; there are ${names.join(', ') || 'none'}`,
        }));
    }),
};

export const unusedVolume: Rule = {
  id: 'unused-volume',
  what: 'A volume is mounted by a container.',
  why: 'The pod waits for it, and nobody reads it.',
  severity: 'warning',
  fix: 'mount it, or leave it out',
  check: (bundle) =>
    podsOf(bundle).flatMap((pod) => {
      const used = mountsOf(pod).map((mount) => textAt(mount, 'name'));
      return itemsAt(pod.spec, 'volumes')
        .map((volume) => at(volume, 'name'))
        .filter(({ value }) => typeof value === 'string' && !used.includes(value))
        .map((place) => ({ place, message: `no container mounts ${textOf(place)}` }));
    }),
};

export const duplicateVolume: Rule = {
  id: 'duplicate-volume',
  what: 'No two volumes of a pod have one name, and no two mounts of a container one path.',
  why: 'The API server refuses the object.',
  severity: 'error',
  fix: 'give one of them another name or path',
  check: (bundle) =>
    podsOf(bundle).flatMap(({ spec, containers }) => [
      ...repeated(itemsAt(spec, 'volumes'), (volume) => textAt(volume, 'name')).map((volume) => ({
        place: at(volume, 'name'),
        message: `there is another volume ${textOf(at(volume, 'name'))}`,
      })),
      ...containers.flatMap(({ place }) =>
        repeated(itemsAt(place, 'volumeMounts'), (mount) => textAt(mount, 'mountPath')).map((mount) => ({
          place: at(mount, 'mountPath'),
          message: `something is already mounted at ${textOf(at(mount, 'mountPath'))}`,
        })),
      ),
    ]),
};
