// Reading objects whose form nobody has checked: a place is a value and the path to it, and there is a place also where
// nothing stands.
import type { ManifestObject } from '../synth-app.js';
import { keyPath } from './json-path.js';

/** A value somewhere in an object. */
export interface Place {
  readonly object: ManifestObject;
  /** `spec.ports[0].name`; empty for the object itself. */
  readonly path: string;
  /** Undefined where nothing stands. */
  readonly value: unknown;
}

export const rootOf = (object: ManifestObject): Place => ({ object, path: '', value: object });

/** The place below another, by keys with dots between. */
export function at(place: Place, keys: string): Place {
  return keys.split('.').reduce<Place>(({ object, path, value }, key) => {
    const inner = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return { object, path: keyPath(path, key), value: inner };
  }, place);
}

/** The items of a list; none of anything else. */
export function items({ object, path, value }: Place): Place[] {
  return Array.isArray(value)
    ? value.map((item: unknown, index) => ({ object, path: `${path}[${index}]`, value: item }))
    : [];
}

/** The items of the lists at several keys. */
export const itemsAt = (place: Place, ...keys: readonly string[]): Place[] =>
  keys.flatMap((key) => items(at(place, key)));

/** The entries of a map; none of anything else. */
export function fields({ object, path, value }: Place): (readonly [key: string, place: Place])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([key, inner]) => [key, { object, path: keyPath(path, key), value: inner }]);
}

export const isSet = ({ value }: Place): boolean => value !== undefined && value !== null;

export function textAt(place: Place, keys: string): string | undefined {
  const { value } = at(place, keys);
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(place: Place, keys: string): number | undefined {
  const { value } = at(place, keys);
  return typeof value === 'number' ? value : undefined;
}

/** A map of texts, without what is none. */
export function textsAt(place: Place, keys: string): Readonly<Record<string, string>> {
  const entries = fields(at(place, keys)).flatMap(([key, { value }]) =>
    typeof value === 'string' ? [[key, value]] : [],
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The places whose key is that of an earlier one. */
export function repeated<T>(all: readonly T[], keyOf: (one: T) => string | undefined): T[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const key = keyOf(one);
    if (key === undefined) return false;
    const again = seen.has(key);
    seen.add(key);
    return again;
  });
}

export const inNamespaceOf = ({ object }: Place, other: Place): boolean =>
  object.metadata.namespace === other.object.metadata.namespace;

/** A value as a message has it. */
export const textOf = ({ value }: Place): string => (value === undefined ? 'nothing' : JSON.stringify(value));

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
