/** Plain JSON, as it stands in a manifest. */
export type Json = string | number | boolean | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [field: string]: Json;
}

/** Not an instance of a class, such as a quantity, which is one value. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A map without what is undefined, as it would stand in a file. */
export function jsonOf(value: unknown): JsonMap {
  const json = plain(value);
  return isMap(json) ? json : {};
}

/** As through `JSON.stringify` and back, but long texts are not read letter by letter. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item) ?? null);
  if (isMap(value)) {
    const entries = Object.entries<unknown>(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
  }
  if (typeof value !== 'object' || value === null) return value;
  const json: unknown = JSON.parse(JSON.stringify(value));
  return json;
}
