import { k8s } from 'cdk8s-plus-28';
import { YouzanKubeError } from '../../src/conventions/index.js';
import type { AppContext } from '../app/app-context.js';
import { assertNoFieldLost } from '../rules/lost-fields.js';
import { mainName } from './main-name.js';
import { isMap, type Json, type JsonMap, jsonOf } from './json.js';

/** What is newer than the types of cdk8s-plus-28, in the form of the manifest. */
export interface NewerFields {
  /** Merged into the pod's spec. */
  readonly pod?: JsonMap;
  /** Merged into the container or init container of that name. */
  readonly containers?: Readonly<Record<string, JsonMap>>;
}

/**
 * What one concern adds to a workload's pods. All parts are merged: maps key by key, lists one after the other. Two
 * parts that say different things of one field are an error, so that their order changes nothing but the order in lists.
 */
export interface PodPart {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly pod?: Omit<k8s.PodSpec, 'containers'>;
  /** Of the app's own container. */
  readonly main?: Omit<k8s.Container, 'name'>;
  /** Beside the app's own container. */
  readonly containers?: readonly k8s.Container[];
  readonly newer?: NewerFields;
}

/** Makes a concern's part, or nothing where the app has nothing of it. */
export type PodConcern = (context: AppContext) => PodPart | undefined;

/**
 * The pod template that the parts make together, as JSON.
 *
 * @throws YouzanKubeError `PART_CONFLICT` when two parts differ; `FIELD_LOST` for fields that cdk8s-plus-28 would drop.
 */
export function composePod(parts: readonly PodPart[]): JsonMap {
  const whole = parts.reduce<PodPart>((sum, part) => mergeFields(sum, part, ''), {});
  const { labels, annotations, pod, main, containers = [], newer } = whole;
  const input: k8s.PodTemplateSpec = {
    metadata: { labels: { ...labels }, ...(annotations === undefined ? {} : { annotations: { ...annotations } }) },
    spec: { ...pod, containers: [{ name: mainName, ...main }, ...containers] },
  };
  const template = jsonOf(k8s.toJson_PodTemplateSpec(input));
  assertNoFieldLost(input, template);
  return withNewer(template, newer);
}

/** Adds the newer fields to a pod template. */
function withNewer(template: JsonMap, newer: NewerFields | undefined): JsonMap {
  if (newer === undefined) return template;
  const { containers: additions = {}, pod = {} } = newer;
  const found = new Set<string>();
  const completed = (list: Json | undefined): Json =>
    (Array.isArray(list) ? list : []).map((container: Json) => {
      const name = isMap(container) && typeof container['name'] === 'string' ? container['name'] : '';
      const addition = additions[name];
      if (addition === undefined || !isMap(container)) return container;
      found.add(name);
      return mergeFields(container, addition, `containers.${name}`);
    });
  const spec = isMap(template['spec']) ? template['spec'] : {};
  const lists = ['containers', 'initContainers'].filter((list) => spec[list] !== undefined);
  const merged = mergeFields<JsonMap>(
    { ...spec, ...Object.fromEntries(lists.map((list) => [list, completed(spec[list])])) },
    pod,
    'spec',
  );
  const missing = Object.keys(additions).find((name) => !found.has(name));
  if (missing !== undefined) throw new YouzanKubeError('PART_CONFLICT', `the pod has no container "${missing}"`);
  return { ...template, spec: merged };
}

function mergeFields<T extends object>(left: T, right: T, path: string): T {
  const merged = new Map<string, unknown>(Object.entries(left));
  for (const [key, value] of new Map<string, unknown>(Object.entries(right))) {
    if (value === undefined) continue;
    const place = path === '' ? key : `${path}.${key}`;
    const former = merged.get(key);
    merged.set(key, former === undefined ? value : mergeValues(former, value, place));
  }
  return Object.assign({}, left, Object.fromEntries(merged));
}

function mergeValues(left: unknown, right: unknown, path: string): unknown {
  if (isList(left) && isList(right)) return [...left, ...right].filter(isFirst);
  if (isMap(left) && isMap(right)) return mergeFields(left, right, path);
  if (same(left, right)) return left;
  throw new YouzanKubeError(
    'PART_CONFLICT',
    `two parts of a pod differ in ${path}: ${JSON.stringify(left)} and ${JSON.stringify(right)}`,
    { path },
  );
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
/** Two concerns may want one volume: it stands once. */
const isFirst = (item: unknown, index: number, all: readonly unknown[]): boolean =>
  all.findIndex((other) => same(item, other)) === index;
