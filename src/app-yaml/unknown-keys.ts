import type { KeyPath } from './document.js';
import { unknownKey } from './issue-message.js';
import type { DraftFinding } from './cross-checks.js';

/**
 * Keys in the data that the schema does not know, and lists where it has a map. The schema library itself would report
 * only the first unknown key of a map, and takes a list for a map.
 */
export function unknownKeys(schema: unknown, value: unknown, path: KeyPath = []): DraftFinding[] {
  if (typeof value !== 'object' || value === null) return [];
  const wrapped = part(schema, 'wrapped');
  if (wrapped !== undefined) return unknownKeys(wrapped, value, path);
  const getter = part(schema, 'getter');
  if (isGetter(getter)) return unknownKeys(getter(value), value, path);
  if (Array.isArray(value) && part(schema, 'type') !== 'array') {
    // What has a message of its own for a list needs none here.
    const isMap = ['object', 'record'].includes(String(part(schema, 'type')));
    return isMap ? [{ path, message: 'is a list; allowed is a map' }] : [];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownKeys(part(schema, 'item'), item, [...path, index]));
  const entries = part(schema, 'entries');
  if (typeof entries !== 'object' || entries === null) return [];
  const known = Object.keys(entries);
  return Object.entries(value).flatMap(([key, inner]) =>
    known.includes(key)
      ? unknownKeys(part(entries, key), inner, [...path, key])
      : [{ path: [...path, key], message: unknownKey(key, known), at: 'key' as const }],
  );
}

function isGetter(value: unknown): value is (input: unknown) => unknown {
  return typeof value === 'function';
}

function part(schema: unknown, key: string): unknown {
  return typeof schema === 'object' && schema !== null
    ? Object.entries(schema).find(([name]) => name === key)?.[1]
    : undefined;
}
