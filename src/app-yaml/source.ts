import type { AppSpec } from './app-spec.js';
import { readDocument } from './document.js';

interface Source {
  readonly text: string;
  readonly file: string;
}

/** By identity, so that a spec stays plain data: one that was changed is no longer what its file says. */
const sources = new WeakMap<AppSpec, Source>();

/** Keeps where a spec was read from. */
export function readFrom(spec: AppSpec, source: Source): AppSpec {
  sources.set(spec, source);
  return spec;
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
  const source = sources.get(spec);
  if (source === undefined) return undefined;
  const { value, placeOf } = readDocument(source.text, source.file);
  const [first] = keys;
  if (first !== undefined && !(isMap(value) && Object.hasOwn(value, first))) return undefined;
  return placeOf(keys, 'value').path;
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null;
