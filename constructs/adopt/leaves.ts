import { isMap } from '../pod/json.js';

/** A place in an object and what stands there: a value, or a map or list with nothing in it. */
export interface Leaf {
  /** `spec.template.spec.containers[app].image` */
  readonly path: string;
  readonly value: unknown;
}

/** The app's own container in a path, whatever it is called: no container can have this name. */
export const mainItem = '(main)';

/**
 * Everything that stands in an object. Items of a list are named as Kubernetes merges them, by port, name, mount path or
 * key, else by their number, so that the same item has the same path in two objects.
 *
 * @param main the name of the app's own container.
 */
export function leavesOf(value: unknown, main: string, path = ''): readonly Leaf[] {
  const inside = Array.isArray(value) ? itemsOf(value, main, path) : isMap(value) ? fieldsOf(value, path) : [];
  if (inside.length === 0) return value === undefined ? [] : [{ path, value }];
  return inside.flatMap(([place, inner]) => leavesOf(inner, main, place));
}

function fieldsOf(value: object, path: string): [string, unknown][] {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]: [string, unknown]) => {
      const step = /^\w+$/.test(key) ? (path === '' ? key : `.${key}`) : `[${JSON.stringify(key)}]`;
      return [`${path}${step}`, inner];
    });
}

function itemsOf(items: readonly unknown[], main: string, path: string): [string, unknown][] {
  const taken = new Map<string, number>();
  return items.map((item, index) => {
    const own = nameOf(item) ?? String(index);
    const name = path.endsWith('.containers') && own === main ? mainItem : own;
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return [`${path}[${name}${count === 0 ? '' : `#${count}`}]`, item];
  });
}

function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const { containerPort, port, name, mountPath, key } = item;
  const found = [containerPort, port, name, mountPath, key].find((one) => one !== undefined && typeof one !== 'object');
  return found === undefined ? undefined : String(found);
}
