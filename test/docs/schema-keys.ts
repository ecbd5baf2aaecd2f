// Walks app.yaml's schema, so that the page can be held to it.

/** A part of a schema object, whatever the kind of the schema. */
function part(schema: unknown, key: string): unknown {
  return typeof schema === 'object' && schema !== null && key in schema
    ? Object.entries(schema).find(([name]) => name === key)?.[1]
    : undefined;
}

function isGetter(value: unknown): value is (input: unknown) => unknown {
  return typeof value === 'function';
}

/**
 * The keys of a map's schema, dotted; those of a list's items instead, for a list. What may also be `false` stands there
 * itself before its keys; a command, a list and a map of any keys have none below them.
 */
export function keysOf(schema: unknown, path = ''): string[] {
  const item = part(schema, 'item');
  if (item !== undefined && path === '') return keysOf(item);
  const wrapped = part(schema, 'wrapped');
  if (wrapped !== undefined) return keysOf(wrapped, path);
  const getter = part(schema, 'getter');
  if (isGetter(getter)) {
    const mayBeFalse = part(getter(false), 'type') === 'literal';
    return mayBeFalse ? [path, ...keysOf(getter({}), path)] : [path];
  }
  const entries = part(schema, 'entries');
  if (typeof entries !== 'object' || entries === null) return [path];
  return Object.entries(entries).flatMap(([key, inner]) => keysOf(inner, path === '' ? key : `${path}.${key}`));
}

/** The schema at a place: `online.after`. */
export function schemaAt(schema: unknown, path: readonly string[]): unknown {
  const wrapped = part(schema, 'wrapped');
  if (wrapped !== undefined) return schemaAt(wrapped, path);
  const getter = part(schema, 'getter');
  if (isGetter(getter)) return schemaAt(getter({}), path);
  const [key, ...rest] = path;
  return key === undefined ? schema : schemaAt(part(part(schema, 'entries'), key), rest);
}
