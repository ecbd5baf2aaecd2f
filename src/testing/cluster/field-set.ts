import { fieldElement, itemElement, shapeOf, valueElement } from './field-shape.js';
import { equalJson, isList, isMap, type JsonMap } from './json.js';

/** Field paths, each the elements of `fieldsV1` joined. */
export type FieldSet = Set<string>;

const separator = '\u0000';
const join = (path: string, element: string): string => (path === '' ? element : `${path}${separator}${element}`);

/** One step down: the element, the child and, below a field, the names on the way. */
interface Child {
  readonly element: string;
  readonly names: readonly string[];
  readonly value: unknown;
}

/** The parts of a value that have owners of their own; undefined when it is owned as a whole. */
export function childrenOf(names: readonly string[], value: unknown): readonly Child[] | undefined {
  const shape = shapeOf(names, value);
  if (shape === 'atomic') return undefined;
  if (isMap(value))
    return Object.entries(value).map(([name, item]) => ({
      element: fieldElement(name),
      names: [...names, name],
      value: item,
    }));
  if (!isList(value)) return undefined;
  return value.flatMap((item): Child[] => {
    if (shape === 'set') return [{ element: valueElement(item), names, value: item }];
    const element = shape === 'granular' ? undefined : itemElement(shape, item);
    return element === undefined ? [] : [{ element, names, value: item }];
  });
}

/** What an applied configuration owns: its leaves and the items of its keyed lists. */
export function fieldsOf(
  value: unknown,
  names: readonly string[] = [],
  path = '',
  into: FieldSet = new Set(),
): FieldSet {
  const children = childrenOf(names, value);
  if (children === undefined || (isMap(value) && children.length === 0)) {
    if (path !== '') into.add(path);
    return into;
  }
  for (const child of children) {
    const below = join(path, child.element);
    if (!child.element.startsWith('f:')) into.add(below);
    fieldsOf(child.value, child.names, below, into);
  }
  return into;
}

/** These exist in every typed object, so an update that brings their first field does not own the struct itself. */
const alwaysThere = new Set(['metadata', 'spec', 'status', 'template', 'strategy', 'containers', 'endpoints']);

/** Every node of a value that came or went as a whole, with the structs and lists on the way. */
function nodesOf(value: unknown, names: readonly string[], path: string, into: FieldSet): void {
  const children = childrenOf(names, value);
  const isField = path.slice(path.lastIndexOf(separator) + 1).startsWith('f:');
  if (path !== '' && !(children !== undefined && isField && alwaysThere.has(names.at(-1) ?? ''))) into.add(path);
  for (const child of children ?? []) nodesOf(child.value, child.names, join(path, child.element), into);
}

export interface FieldDiff {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** What differs from `before` to `after`. */
export function diffFields(before: unknown, after: unknown): FieldDiff {
  const diff: FieldDiff = { changed: new Set(), removed: new Set() };
  const walk = (a: unknown, b: unknown, names: readonly string[], path: string): void => {
    const left = childrenOf(names, a);
    const right = childrenOf(names, b);
    if (left === undefined || right === undefined || isMap(a) !== isMap(b)) {
      if (!equalJson(a, b)) diff.changed.add(path);
      return;
    }
    const old = new Map(left.map((child) => [child.element, child]));
    for (const child of right) {
      const below = join(path, child.element);
      const former = old.get(child.element);
      old.delete(child.element);
      if (former === undefined) nodesOf(child.value, child.names, below, diff.changed);
      else walk(former.value, child.value, child.names, below);
    }
    for (const child of old.values()) nodesOf(child.value, child.names, join(path, child.element), diff.removed);
  };
  walk(before, after, [], '');
  return diff;
}

/** The set and every path above its members. */
export function withAncestors(set: ReadonlySet<string>): FieldSet {
  const all: FieldSet = new Set(set);
  for (const path of set) {
    let end = path.lastIndexOf(separator);
    while (end > 0) {
      all.add(path.slice(0, end));
      end = path.lastIndexOf(separator, end - 1);
    }
  }
  return all;
}

/** A copy of `value` without what stands at these paths. */
export function removeFields(
  value: unknown,
  paths: ReadonlySet<string>,
  names: readonly string[] = [],
  path = '',
): unknown {
  const children = childrenOf(names, value);
  if (children === undefined || paths.size === 0) return value;
  const kept = children
    .filter((child) => !paths.has(join(path, child.element)))
    .map((child) => ({
      element: child.element,
      value: removeFields(child.value, paths, child.names, join(path, child.element)),
    }));
  return isMap(value)
    ? Object.fromEntries(kept.map((child) => [child.element.slice(2), child.value]))
    : kept.map((child) => child.value);
}

/** Lays a configuration over an object: fields one by one, keyed lists item by item, everything else replaced. */
export function mergeFields(live: unknown, config: unknown, names: readonly string[] = []): unknown {
  const left = childrenOf(names, live);
  const right = childrenOf(names, config);
  if (left === undefined || right === undefined || isMap(live) !== isMap(config)) return config;
  const wanted = new Map(right.map((child) => [child.element, child]));
  const former = new Map(left.map((child) => [child.element, child.value]));
  if (isMap(live)) {
    const merged: JsonMap = { ...live };
    for (const child of right)
      merged[child.element.slice(2)] = mergeFields(former.get(child.element), child.value, child.names);
    return merged;
  }
  const merged: unknown[] = [];
  const queue = [...right];
  for (const child of left) {
    if (!wanted.has(child.element)) {
      merged.push(child.value);
      continue;
    }
    if (!queue.some((next) => next.element === child.element)) continue;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      merged.push(mergeFields(former.get(next.element), next.value, next.names));
      if (next.element === child.element) break;
    }
  }
  return [...merged, ...queue.map((child) => child.value)];
}

/** As `managedFields[].fieldsV1` has it. */
export function toFieldsV1(set: ReadonlySet<string>): JsonMap {
  const root: JsonMap = {};
  for (const path of [...set].sort()) {
    let at = root;
    for (const element of path.split(separator)) {
      const next = at[element];
      at = isMap(next) ? next : (at[element] = {});
    }
    at['.'] = {};
  }
  const tidy = (node: JsonMap): JsonMap => {
    const keys = Object.keys(node);
    if (keys.length === 1 && keys[0] === '.') return {};
    return Object.fromEntries(
      keys.sort().map((name) => [name, name === '.' ? {} : tidy(isMap(node[name]) ? node[name] : {})]),
    );
  };
  return tidy(root);
}

export function fromFieldsV1(fields: unknown): FieldSet {
  const set: FieldSet = new Set();
  const walk = (node: JsonMap, path: string): void => {
    const keys = Object.keys(node);
    if (path !== '' && (keys.length === 0 || '.' in node)) set.add(path);
    for (const name of keys) {
      const below = node[name];
      if (name !== '.' && isMap(below)) walk(below, join(path, name));
    }
  };
  if (isMap(fields)) walk(fields, '');
  return set;
}

/** `.spec.template.spec.containers[name="app"].image`, as conflicts name fields. */
export function fieldPathText(path: string): string {
  return path
    .split(separator)
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('v:')) return `[=${rest}]`;
      const keys: unknown = JSON.parse(rest);
      const pairs = Object.entries(isMap(keys) ? keys : {});
      return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** True when the path is one of these fields or below one. */
export const isBelow = (path: string, fields: readonly (readonly string[])[]): boolean =>
  fields.some((names) => {
    const prefix = names.map(fieldElement).join(separator);
    return path === prefix || path.startsWith(`${prefix}${separator}`);
  });
