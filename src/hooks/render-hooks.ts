import { youzanConventions } from '../conventions/index.js';
import { checkHooks } from './check-hooks.js';
import {
  drainPart,
  offlinePart,
  onlinePart,
  preloadPart,
  registrationsIn,
  stopPart,
  type HookConventions,
} from './hook-parts.js';
import { hookScript, type Line } from './hook-script.js';
import type { Hooks, HooksSpec, PreStopSeconds } from './hooks-spec.js';
import { registryAgent } from './registry/agent.js';
import { joined } from './step-parts.js';

/** Ends with the first step that fails. */
const strictly = (lines: readonly Line[]): Line[] => lines.map((line) => ({ ...line, text: `${line.text} || exit 1` }));
/** Goes on after a step that fails, and remembers it. */
const onwards = (lines: readonly Line[]): Line[] =>
  lines.map((line) => (line.step === undefined ? line : { ...line, text: `${line.text} || _bad=1` }));

/**
 * How long each part of preStop takes at most, so that a pod's grace can be told and explained.
 *
 * @example
 * const { offline, drain, stop } = preStopSeconds({ drainSeconds: 8 });
 */
export function preStopSeconds(spec: HooksSpec = {}, conventions: HookConventions = youzanConventions): PreStopSeconds {
  return {
    offline: Math.ceil(offlinePart(spec, 'preStop', conventions).seconds),
    drain: Math.ceil(drainPart(spec, conventions).seconds),
    stop: Math.ceil(stopPart(spec, conventions).seconds),
  };
}

/**
 * The scripts of an app's hooks: `postStart` runs preload and online, `preStop` runs offline, the drain wait and stop.
 * A step that fails in postStart ends the hook; in preStop the later steps run all the same, so that requests in flight
 * can end. Either way the hook exits with 1 and one line that says hook, step, what was got, tries and time: in its own
 * output, in the container's (`$YOUZAN_STDOUT`), and in the termination log. All may run twice.
 *
 * @throws `HOOKS_INVALID` with all findings.
 * @example
 * const hooks = renderHooks({ preload: { port: 8001 }, online: { port: 8030 }, offline: { port: 8030 }, drainSeconds: 5 });
 * const entrypoint = renderEntrypoint({
 *   processes: [...hooks.agents, ...processes],
 *   graceSeconds: 30,
 *   offline: hooks.offline,
 * });
 */
export function renderHooks(spec: HooksSpec = {}, conventions: HookConventions = youzanConventions): Hooks {
  checkHooks(spec);
  const postStart = joined([preloadPart(spec, conventions), onlinePart(spec, conventions)]);
  const offline = offlinePart(spec, 'preStop', conventions);
  const crash = offlinePart(spec, 'crash', conventions);
  const later = joined([drainPart(spec, conventions), stopPart(spec, conventions)]);
  const seconds = preStopSeconds(spec, conventions);
  return {
    postStart: postStart.lines.length === 0 ? undefined : hookScript('postStart', strictly(postStart.lines)),
    preStop: hookScript('preStop', [...onwards([...offline.lines, ...later.lines]), { text: '[ -z "$_bad" ]' }]),
    offline:
      crash.lines.length === 0
        ? undefined
        : { script: hookScript('crash', onwards(crash.lines)), deadlineSeconds: Math.max(1, Math.ceil(crash.seconds)) },
    agents: registrationsIn(spec).map(({ agent, registration }) => registryAgent(agent, registration, conventions)),
    budgetSeconds: {
      postStart: Math.ceil(postStart.seconds),
      preStop: seconds.offline + seconds.drain + seconds.stop,
    },
  };
}
