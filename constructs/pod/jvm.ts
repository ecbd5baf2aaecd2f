import { type Conventions, quantityValue } from '../../src/conventions/index.js';
import type { YouzanAppProps } from '../app/youzan-app-props.js';
import { resourcesOf } from './resources.js';

const options = 'JAVA_TOOL_OPTIONS';
const preload = 'LD_PRELOAD';

/**
 * Variables by which an app's JVM has as many threads and as much heap as its container's limits allow. What the app says
 * itself is kept and comes last, so that it wins; what it decides itself is not said a second time.
 *
 * @param given the app's own variables.
 */
export function jvmVariables(
  props: Pick<YouzanAppProps, 'spec' | 'resources'>,
  conventions: Conventions,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { jvm } = conventions;
  if (!jvm.kinds.includes(props.spec.kind)) return {};
  const own = given[options] ?? '';
  const { limits = {} } = resourcesOf(props, conventions);
  const cpus = limits.cpu === undefined ? undefined : Math.ceil(quantityValue(limits.cpu) ?? 1);
  const memoryBytes = limits.memory === undefined ? undefined : quantityValue(limits.memory);
  const decidesHeap = /(^|\s)-(Xmx|XX:(MaxRAM|MaxHeapSize))/.test(own);
  const heap = (flag: (bytes: number) => string): string | undefined =>
    memoryBytes === undefined || decidesHeap ? undefined : flag(memoryBytes);
  const said = (flags: readonly (string | undefined)[]): Readonly<Record<string, string>> => {
    const all = [...flags, own].filter((flag) => flag !== undefined && flag !== '');
    return all.length === 0 ? {} : { [options]: all.join(' ') };
  };
  if (!knowsLimits(props.spec.runtime)) {
    const { library, variable } = jvm.preload;
    return {
      ...said([heap((bytes) => `-Xmx${Math.floor((bytes * jvm.maxRamPercentage) / 100 / 2 ** 20)}m`)]),
      ...(cpus !== undefined && { [variable]: String(cpus), [preload]: listed(library, given[preload]) }),
    };
  }
  const counted = cpus === undefined || own.includes('-XX:ActiveProcessorCount=');
  return said([
    counted ? undefined : `-XX:ActiveProcessorCount=${cpus}`,
    heap(() => `-XX:MaxRAMPercentage=${decimal(jvm.maxRamPercentage)}`),
  ]);
}

/** True for an app whose JVM takes the node's CPUs and memory for its own. */
export function needsLxcfs({ spec }: Pick<YouzanAppProps, 'spec'>, { jvm }: Conventions): boolean {
  return jvm.kinds.includes(spec.kind) && !knowsLimits(spec.runtime);
}

/**
 * True for a runtime whose JVM has `ActiveProcessorCount` and `MaxRAMPercentage`: 8u191, or 10 and newer. A runtime without
 * an update, `openjdk-8`, is taken for the newest, and so is one whose version can't be read. Older JVMs refuse to start
 * with options that they don't know.
 */
export function knowsLimits(runtime: string): boolean {
  const match = /^[a-z]+[-:@]?(?:1\.)?(\d+)(?:\.0)?(?:[u_.](\d+))?/i.exec(runtime);
  if (match === null) return true;
  const [, major, update] = match;
  if (Number(major) === 8) return update === undefined || Number(update) >= 191;
  return Number(major) >= 10;
}

/** Old JVMs take a number without a point for no number. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

const listed = (library: string, own: string | undefined): string => {
  const libraries = (own ?? '').split(/[\s:]+/).filter((one) => one !== '' && one !== library);
  return [library, ...libraries].join(':');
};
