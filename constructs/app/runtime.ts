import type { AppSpec } from '../../src/app-yaml/index.js';
import type { Conventions } from '../../src/conventions/index.js';
import { preStopSeconds, renderHooks, type Hooks } from '../../src/hooks/index.js';
import { type ProcessSpec, renderEntrypoint } from '../../src/rich-container/index.js';
import { mainName } from '../pod/main-name.js';
import { placed, type Placement, type Sidecar } from '../pod/placement.js';
import { hooksSpecOf } from './hooks-spec.js';
import { terminationSeconds } from './termination.js';

/** How a container runs an app: scripts and the time that its end may take. */
export interface AppRuntime {
  readonly entrypoint: string;
  /** `undefined` for pods that run to an end. */
  readonly hooks: Hooks | undefined;
  readonly terminationGraceSeconds: number;
  /** In the order of their start; none where the helpers run in the entrypoint. */
  readonly sidecars: readonly Sidecar[];
}

/** Longest that one helper may take to end, seconds. */
const helperGraceSeconds = 5;
/** What the scripts' own work may take beyond the processes' graces, seconds. */
const marginSeconds = 2;

/**
 * The entrypoint and the hooks of an app. The times add up: offline + drain + stop in preStop, of which stop is main's
 * own end, then the helpers' ends in the entrypoint, and a margin.
 *
 * @throws YouzanKubeError `TERMINATION_TOO_LONG` when they are more than `maxTerminationSeconds`.
 */
export function runtimeOf(spec: AppSpec, conventions: Conventions, options: RuntimeOptions): AppRuntime {
  const key = JSON.stringify([spec, options]);
  if (last?.key !== key || last.conventions !== conventions)
    last = { key, conventions, runtime: makeRuntime(spec, conventions, options) };
  return last.runtime;
}

interface RuntimeOptions {
  readonly hookless?: boolean;
  readonly drainSeconds?: number;
  readonly placement?: Placement;
  readonly maxTerminationSeconds?: number;
}

/** What was made last: in its next cluster an app has the same. */
let last: { readonly key: string; readonly conventions: Conventions; readonly runtime: AppRuntime } | undefined;

function makeRuntime(spec: AppSpec, conventions: Conventions, options: RuntimeOptions): AppRuntime {
  const mainGrace = spec.hooks.stop?.deadlineSeconds ?? conventions.hooks.stop.deadlineSeconds;
  const times = { stopSeconds: mainGrace + marginSeconds, drainSeconds: options.drainSeconds };
  const hooksSpec = options.hookless === true ? undefined : hooksSpecOf(spec, conventions, times);
  const hooks = hooksSpec && renderHooks(hooksSpec, conventions);
  const agents = hooks?.agents ?? [];
  const helpers = spec.helpers.length + agents.length;
  const helperGrace = Math.min(helperGraceSeconds, conventions.helperStopSeconds / Math.max(1, helpers));
  const graceSeconds = Math.ceil(mainGrace + helperGrace * helpers);
  const processes = processesOf(spec, agents, conventions, mainGrace, helperGrace);
  const tools = askingTools(spec, conventions);
  const { inside, sidecars } = placed(processes, spec.helpers, {
    placement: options.placement,
    ...(tools && { tools }),
  });
  const entrypoint = renderEntrypoint({
    processes: inside,
    graceSeconds,
    ...(tools && { tools }),
    ...(hooks?.offline === undefined ? {} : { offline: hooks.offline }),
  });
  const before = hooksSpec && preStopSeconds(hooksSpec, conventions);
  const terminationGraceSeconds = terminationSeconds(
    [
      ...(before === undefined
        ? ([['main', Math.ceil(mainGrace)]] as const)
        : ([
            ['offline', before.offline],
            ['drain', before.drain],
            ['stop', before.stop],
          ] as const)),
      ['helpers', Math.ceil(helperGrace * helpers)],
      ['margin', marginSeconds * (1 + sidecars.length)],
    ],
    options.maxTerminationSeconds,
  );
  return { entrypoint, hooks, terminationGraceSeconds, sidecars };
}

/** What of the image a gate can ask with, where the catalogue says it of the stack. */
function askingTools({ stack, runtime }: AppSpec, { images }: Conventions): readonly string[] | undefined {
  const tools = own(images.stacks, stack)?.tools;
  return tools && [...tools, ...(own(images.runtimes, runtime)?.programs ?? [])];
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function processesOf(
  spec: AppSpec,
  agents: readonly ProcessSpec[],
  { kinds }: Conventions,
  mainGrace: number,
  helperGrace: number,
): ProcessSpec[] {
  const signal = kinds[spec.kind]?.terminationSignal ?? 'TERM';
  const helpers = spec.helpers.map((helper): ProcessSpec => ({
    ...helper,
    output: 'prefix',
    graceSeconds: helperGrace,
  }));
  const main: ProcessSpec = {
    name: mainName,
    main: true,
    command: spec.entrypoint,
    after: spec.after,
    graceSeconds: mainGrace,
    ...(signal === 'TERM' ? {} : { signals: { TERM: signal } }),
  };
  return [...helpers, ...agents.map((agent) => ({ ...agent, graceSeconds: helperGrace })), main];
}
