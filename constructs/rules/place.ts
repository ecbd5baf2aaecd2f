// Reading objects whose form nobody has checked: a place is a value and the path to it, and there is a place also where
// nothing stands.
import type { ManifestObject } from '../objects/manifest-object.js';
import { start, type Trail } from './json-path.js';

/** A value somewhere in an object. */
export interface Place extends Trail {
  readonly object: ManifestObject;
  /** Undefined where nothing stands. */
  readonly value: unknown;
}

export const rootOf = (object: ManifestObject): Place => ({ object, value: object, parent: undefined, key: start.key });

const below = (parent: Place, key: Place['key'], value: unknown): Place => ({
  object: parent.object,
  value,
  parent,
  key,
});

const split = new Map<string, readonly string[]>();

/** The place below another, by plain keys with dots between. */
export function at(place: Place, keys: string): Place {
  let words = split.get(keys);
  if (words === undefined) split.set(keys, (words = keys.split('.')));
  let { value } = place;
  for (const word of words) value = isRecord(value) ? value[word] : undefined;
  return below(place, words, value);
}

/** The items of a list; none of anything else. */
export function items(place: Place): Place[] {
  const { value } = place;
  return Array.isArray(value) ? value.map((item: unknown, index) => below(place, index, item)) : [];
}

/** The items of the lists at several keys. */
export const itemsAt = (place: Place, ...keys: readonly string[]): Place[] =>
  keys.flatMap((key) => items(at(place, key)));

/** The entries of a map; none of anything else. */
export function fields(place: Place): (readonly [key: string, place: Place])[] {
  const { value } = place;
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([key, inner]) => [key, below(place, key, inner)]);
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
