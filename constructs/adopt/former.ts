import { isMap, type JsonMap } from '../pod/json.js';

/** A map at a key of what may be anything; empty where there is none. */
export function mapAt(value: unknown, key: string): JsonMap {
  const inner = isMap(value) ? value[key] : undefined;
  return isMap(inner) ? inner : {};
}

/** The maps of a list at a key. */
export function itemsOf(value: unknown, key: string): readonly JsonMap[] {
  const list: unknown = isMap(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isMap) : [];
}

export function textAt(value: unknown, key: string): string | undefined {
  const inner = isMap(value) ? value[key] : undefined;
  return typeof inner === 'string' ? inner : undefined;
}

/** A list of texts, without what is none. */
export function textsAt(value: unknown, key: string): readonly string[] {
  const list: unknown = isMap(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

/** Texts by name, without what is none. */
export function textMapAt(value: unknown, key: string): Readonly<Record<string, string>> {
  const entries = Object.entries(mapAt(value, key));
  return Object.fromEntries(entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])));
}
