/** Plain data as the API carries it. */
export type JsonMap = Record<string, unknown>;

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** The map below `key`, or an empty one. */
export function mapAt(value: unknown, ...keys: readonly string[]): JsonMap {
  const found = valueAt(value, ...keys);
  return isMap(found) ? found : {};
}

/** The list below `key`, or an empty one. */
export function listAt(value: unknown, ...keys: readonly string[]): unknown[] {
  const found = valueAt(value, ...keys);
  return isList(found) ? found : [];
}

export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) {
    if (!isMap(at)) return undefined;
    at = at[key];
  }
  return at;
}

/** A copy without `undefined` and `null`, which the API's typed objects don't keep either. */
export function cleanCopy(value: unknown): unknown {
  if (isList(value)) return value.map(cleanCopy);
  if (!isMap(value)) return value;
  const copy: JsonMap = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && item !== null) copy[key] = cleanCopy(item);
  }
  return copy;
}

export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) freezeDeep(item);
  return value;
}

export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equalJson(a[key], b[key]));
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: JsonMap = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
