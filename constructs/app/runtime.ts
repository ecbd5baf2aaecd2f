import type { AppSpec } from '../../src/app-yaml/index.js';
import type { Conventions } from '../../src/conventions/index.js';
import { renderHooks, type Hooks, type HooksSpec } from '../../src/hooks/index.js';
import { type ProcessSpec, renderEntrypoint } from '../../src/rich-container/index.js';
import { mainName } from '../pod/main-name.js';
import { placed, type Placement, type Sidecar } from '../pod/placement.js';

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
 * The entrypoint and the hooks of an app. The times add up: offline + drain + stop in preStop, then main's and the
 * helpers' own ends in the entrypoint, and a margin.
 */
export function runtimeOf(
  spec: AppSpec,
  conventions: Conventions,
  options: { readonly hookless?: boolean; readonly drainSeconds?: number; readonly placement?: Placement },
): AppRuntime {
  const mainGrace = spec.hooks.stop?.deadlineSeconds ?? conventions.hooks.stop.deadlineSeconds;
  const helperGrace = Math.min(helperGraceSeconds, conventions.helperStopSeconds / Math.max(1, spec.helpers.length));
  const graceSeconds = Math.ceil(mainGrace + helperGrace * spec.helpers.length);
  const hooks =
    options.hookless === true ? undefined : renderHooks(hooksSpec(spec, conventions, mainGrace, options.drainSeconds));
  const processes = processesOf(spec, conventions, mainGrace, helperGrace);
  const { inside, sidecars } = placed(processes, spec.helpers, options.placement);
  const entrypoint = renderEntrypoint({
    processes: inside,
    graceSeconds,
    ...(hooks?.offline === undefined ? {} : { offline: hooks.offline }),
  });
  const margins = marginSeconds * (1 + sidecars.length);
  const terminationGraceSeconds = (hooks?.budgetSeconds.preStop ?? 0) + graceSeconds + margins;
  return { entrypoint, hooks, terminationGraceSeconds, sidecars };
}

function processesOf(spec: AppSpec, { kinds }: Conventions, mainGrace: number, helperGrace: number): ProcessSpec[] {
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
  return [...helpers, main];
}

function hooksSpec(
  { hooks: own, ports }: AppSpec,
  { hooks: defaults }: Conventions,
  mainGrace: number,
  drainSeconds: number | undefined,
): HooksSpec {
  const switchPort = ports[defaults.switch.role] ?? 0;
  const preload = own.preload !== false && {
    port: ports[defaults.health.role] ?? 0,
    path: defaults.health.path,
    expect: defaults.health.expect,
    ...defaults.preload,
    ...own.preload,
  };
  const online = own.online !== false && {
    port: switchPort,
    path: `${defaults.switch.path}?${defaults.onlineQuery}`,
    deadlineSeconds: own.online?.deadlineSeconds ?? defaults.online.deadlineSeconds,
    after: own.online?.after ?? [],
  };
  const offline = own.offline !== false && {
    port: switchPort,
    path: `${defaults.switch.path}?${defaults.offlineQuery}`,
    deadlineSeconds: own.offline?.deadlineSeconds ?? defaults.offline.deadlineSeconds,
    before: own.offline?.before ?? [],
  };
  return {
    preload,
    online,
    offline,
    drainSeconds: drainSeconds ?? own.drainSeconds ?? defaults.drainSeconds,
    stop: { deadlineSeconds: mainGrace + marginSeconds },
  };
}
