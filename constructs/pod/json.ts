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
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isMap(json) ? json : {};
}
