import type { AppSpec } from './app-spec.js';

/** `file:line:column` of a key of a spec's app.yaml, from the top; of the nearest key around it where it has not all. */
export type PlaceInAppYaml = (keys: readonly string[]) => string | undefined;

/** By this name also in another copy of the package: the constructs are bundled apart, and without the parser. */
const places = Symbol.for('youzan-kube.app-yaml-places');

/** Gives a spec its places. Neither copied, nor compared, nor serialized: a spec that was changed is not what its file says. */
export function withPlaces(spec: AppSpec, placeOf: PlaceInAppYaml): AppSpec {
  return Object.defineProperty(spec, places, { value: placeOf });
}

/**
 * `file:line:column` of a key of the app.yaml that a spec was parsed from, or of the nearest key around it.
 *
 * @param keys from the top: `['resources', 'limits', 'cpu']`; none for the whole.
 * @returns undefined for a spec that `parseAppYaml` did not give, and where app.yaml has not even the first of the keys.
 *
 * @example
 * placeInAppYaml(parseAppYaml(text, { file: 'app.yaml' }), ['replicas']); // app.yaml:4:11
 */
export function placeInAppYaml(spec: AppSpec, keys: readonly string[]): string | undefined {
  return (spec as { readonly [places]?: PlaceInAppYaml })[places]?.(keys);
}
