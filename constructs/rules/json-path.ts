/** The way to a value: its key in what holds it, and the way there. The path is made only for what is found. */
export interface Trail {
  /** Undefined for the outermost value. */
  readonly parent: Trail | undefined;
  /** A key of a map, an index of a list, or plain keys one below the other. */
  readonly key: string | number | readonly string[];
}

/** The outermost value's own. */
export const start: Trail = { parent: undefined, key: '' };

/** `spec.ports[0].name`, `metadata.labels["youzan.com/app"]`; of the outermost value, what it is called itself. */
export function pathOf({ parent, key }: Trail, outermost = ''): string {
  if (parent === undefined) return outermost;
  const path = pathOf(parent, outermost);
  if (typeof key === 'number') return `${path}[${key}]`;
  if (typeof key === 'string' && !/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  const name = typeof key === 'string' ? key : key.join('.');
  return path === '' ? name : `${path}.${name}`;
}
