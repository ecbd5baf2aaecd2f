import { youzanConventions, type Conventions } from '../conventions/index.js';
import { commandWords, quote, stateFiles } from '../rich-container/index.js';
import { checkHooks } from './check-hooks.js';
import { hookScript } from './hook-script.js';
import type { Hooks, HooksSpec, HookStep, SwitchSpec } from './hooks-spec.js';

const hundredths = (seconds: number): number => Math.round(seconds * 100);
/** A switch is asked again this soon. */
const switchIntervalSeconds = 0.5;
const anyTries = 1_000_000;
/** A request takes whole seconds: one that begins just before the deadline may end this much after it. */
const lastTrySeconds = 1;

/** What the defaults are taken from. */
export type HookConventions = Pick<Conventions, 'hooks' | 'ports'>;

/** Script lines that fail when the step does, and the longest that they take. */
interface Part {
  readonly lines: readonly string[];
  readonly seconds: number;
}

function httpPart(step: {
  name: string;
  port: number;
  path: string;
  wanted: string;
  tries: number;
  intervalSeconds: number;
  deadlineSeconds: number;
}): Part {
  const { name, port, path, wanted, tries, intervalSeconds, deadlineSeconds } = step;
  const words = [
    quote(name),
    port,
    quote(path),
    quote(wanted),
    tries,
    hundredths(intervalSeconds),
    hundredths(deadlineSeconds),
  ];
  return { lines: [`_try ${words.join(' ')}`], seconds: deadlineSeconds + lastTrySeconds };
}

function switchPart(name: string, port: number, path: string, deadlineSeconds: number, wanted = 200): Part {
  return httpPart({
    name,
    port,
    path,
    wanted: String(wanted),
    tries: anyTries,
    intervalSeconds: switchIntervalSeconds,
    deadlineSeconds,
  });
}

function stepPart(step: HookStep): Part {
  const { name, deadlineSeconds } = step;
  if (step.type === 'http') return switchPart(name, step.port, step.path, deadlineSeconds, step.expectStatus);
  return {
    lines: [`_script ${quote(name)} ${Math.ceil(deadlineSeconds)} ${quote(commandWords(step.command))}`],
    seconds: Math.ceil(deadlineSeconds),
  };
}

const join = (parts: readonly Part[]): Part => ({
  lines: parts.flatMap(({ lines }) => lines),
  seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
});

/** Ends with the first step that fails. */
const strictly = (lines: readonly string[]): string[] => lines.map((line) => `${line} || exit 1`);
/** Goes on after a step that fails, and remembers it. */
const onwards = (lines: readonly string[]): string[] =>
  lines.map((line) => (/^_(try|script) /.test(line) ? `${line} || _bad=1` : line));

function preloadPart(preload: HooksSpec['preload'], { hooks, ports }: HookConventions): Part {
  if (preload === false) return join([]);
  const { role, ...health } = hooks.health;
  const { port, path, expect, ...times } = { port: ports[role], ...health, ...hooks.preload, ...preload };
  const poll = httpPart({ name: 'preload', port, path, wanted: `=${expect}`, ...times });
  return { lines: [...poll.lines, '_done preload'], seconds: poll.seconds };
}

function switchOf(
  spec: SwitchSpec | undefined,
  service: 'online' | 'offline',
  { hooks, ports }: HookConventions,
): Required<SwitchSpec> {
  const query = service === 'online' ? hooks.onlineQuery : hooks.offlineQuery;
  const { port = ports[hooks.switch.role], path = `${hooks.switch.path}?${query}` } = spec ?? {};
  return { port, path, deadlineSeconds: spec?.deadlineSeconds ?? hooks[service].deadlineSeconds };
}

function onlinePart(online: HooksSpec['online'], conventions: HookConventions): Part {
  if (online === false) return join([]);
  const { port, path, deadlineSeconds } = switchOf(online, 'online', conventions);
  const after = (online?.after ?? []).map(stepPart);
  return join([switchPart('online', port, path, deadlineSeconds), ...after, { lines: ['_done online'], seconds: 0 }]);
}

/** Main has ended, so that most often nothing answers at its switch any more: asked once, whatever comes. */
const crashSwitchSeconds = 2;

function offlinePart(offline: HooksSpec['offline'], after: 'preStop' | 'crash', conventions: HookConventions): Part {
  if (offline === false) return join([]);
  const before = (offline?.before ?? []).map(stepPart);
  const { port, path, deadlineSeconds } = switchOf(offline, 'offline', conventions);
  const turn =
    after === 'preStop'
      ? switchPart('offline', port, path, deadlineSeconds)
      : { lines: ['_begin', `_http ${port} ${quote(path)} ${crashSwitchSeconds}`], seconds: crashSwitchSeconds };
  return join([...before, turn, { lines: ['[ "$_bad" ] || _done offline'], seconds: 0 }]);
}

/** Asks the entrypoint to stop main, and waits until its line in the state file says that main has ended. */
function stopLines(deadlineSeconds: number): string[] {
  return [
    '_begin',
    `if [ -p "$_dir/${stateFiles.events}" ]; then`,
    `echo >"$_dir/${stateFiles.stopping}"`,
    `echo stop 1<>"$_dir/${stateFiles.events}"`,
    'while :; do',
    `read -r _x _y _z <"$_dir/${stateFiles.state}" || _y=`,
    '_n=$((_n + 1))',
    'if [ "$_y" = ended ]; then _done stop; break; fi',
    '_clock',
    `if [ $((_t - _t0)) -ge ${hundredths(deadlineSeconds)} ]; then _fail stop "main has not ended, the entrypoint is \${_y:-gone}"; _bad=1; break; fi`,
    '_nap 5',
    'done',
    'else _fail stop "no entrypoint at $_dir"; _bad=1; fi',
  ];
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
 * const entrypoint = renderEntrypoint({ processes, graceSeconds: 30, offline: hooks.offline });
 */
export function renderHooks(spec: HooksSpec = {}, conventions: HookConventions = youzanConventions): Hooks {
  checkHooks(spec);
  const { drainSeconds = conventions.hooks.drainSeconds, stop } = spec;
  const postStart = join([preloadPart(spec.preload, conventions), onlinePart(spec.online, conventions)]);
  const offline = offlinePart(spec.offline, 'preStop', conventions);
  const crash = offlinePart(spec.offline, 'crash', conventions);
  const stopSeconds = stop === false ? 0 : (stop?.deadlineSeconds ?? conventions.hooks.stop.deadlineSeconds);
  return {
    postStart: postStart.lines.length === 0 ? undefined : hookScript('postStart', strictly(postStart.lines)),
    preStop: hookScript('preStop', [
      ...onwards(offline.lines),
      ...(drainSeconds > 0 ? [`sleep ${drainSeconds}`] : []),
      ...(stop === false ? [] : stopLines(stopSeconds)),
      '[ -z "$_bad" ]',
    ]),
    offline:
      crash.lines.length === 0
        ? undefined
        : { script: hookScript('crash', onwards(crash.lines)), deadlineSeconds: Math.max(1, Math.ceil(crash.seconds)) },
    budgetSeconds: {
      postStart: Math.ceil(postStart.seconds),
      preStop: Math.ceil(offline.seconds + drainSeconds + stopSeconds),
    },
  };
}
