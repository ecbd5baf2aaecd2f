type Primitive = string | number | boolean | undefined;

/** Any part of a tree of data; lists are replaced whole. */
export type PartOf<T> = T extends Primitive | readonly unknown[] ? T : { readonly [K in keyof T]?: PartOf<T[K]> };

/** `part` over `base`: objects are merged key by key, anything else is replaced; `undefined` leaves what is there. */
export function mergeParts(base: unknown, part: unknown): unknown {
  if (part === undefined) return base;
  if (!isRecord(base) || !isRecord(part)) return part;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(part))
    merged[key] = mergeParts(Object.hasOwn(base, key) ? base[key] : undefined, value);
  return merged;
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
