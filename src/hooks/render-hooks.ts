import { commandWords, quote, stateFiles } from '../rich-container/index.js';
import { checkHooks } from './check-hooks.js';
import { hookScript } from './hook-script.js';
import type { Hooks, HooksSpec, HookStep } from './hooks-spec.js';

const switchPath = (service: 'online' | 'offline'): string => `/_HB_.php?service=${service}`;
const hundredths = (seconds: number): number => Math.round(seconds * 100);
/** A switch is asked again this soon. */
const switchIntervalSeconds = 0.5;
const anyTries = 1_000_000;

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
  return { lines: [`yk_try ${words.join(' ')}`], seconds: deadlineSeconds };
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
    lines: [`yk_script ${quote(name)} ${Math.ceil(deadlineSeconds)} ${quote(commandWords(step.command))}`],
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
const onwards = (lines: readonly string[]): string[] => lines.map((line) => `${line} || yk_bad=1`);

function preloadPart(preload: HooksSpec['preload']): Part {
  if (preload === false) return join([]);
  const { port = 8001, path = '/health', expect = 'UP', tries = 10, intervalSeconds = 6 } = preload ?? {};
  const { deadlineSeconds = tries * intervalSeconds } = preload ?? {};
  const poll = httpPart({ name: 'preload', port, path, wanted: `=${expect}`, tries, intervalSeconds, deadlineSeconds });
  return { lines: [...poll.lines, 'yk_done preload'], seconds: poll.seconds };
}

function onlinePart(online: HooksSpec['online']): Part {
  if (online === false) return join([]);
  const { port = 8030, path = switchPath('online'), deadlineSeconds = 10, after = [] } = online ?? {};
  return join([
    switchPart('online', port, path, deadlineSeconds),
    ...after.map(stepPart),
    { lines: ['yk_done online'], seconds: 0 },
  ]);
}

function offlinePart(offline: HooksSpec['offline']): Part {
  if (offline === false) return join([]);
  const { port = 8030, path = switchPath('offline'), deadlineSeconds = 5, before = [] } = offline ?? {};
  return join([
    ...before.map(stepPart),
    switchPart('offline', port, path, deadlineSeconds),
    { lines: ['[ "$yk_bad" ] || yk_done offline'], seconds: 0 },
  ]);
}

/** Asks the entrypoint to stop main, and waits until its line in the state file says that main has ended. */
function stopLines(deadlineSeconds: number): string[] {
  return [
    'yk_begin',
    `if [ -p "$yk_dir/${stateFiles.events}" ]; then`,
    `echo >"$yk_dir/${stateFiles.stopping}"`,
    `echo stop 1<>"$yk_dir/${stateFiles.events}"`,
    'while :; do',
    `read -r yk_x yk_y yk_z <"$yk_dir/${stateFiles.state}" || yk_y=`,
    'yk_n=$((yk_n + 1))',
    'if [ "$yk_y" = ended ]; then yk_done stop; break; fi',
    'yk_clock',
    `if [ $((yk_t - yk_t0)) -ge ${hundredths(deadlineSeconds)} ]; then yk_fail stop "main has not ended, the entrypoint is \${yk_y:-gone}"; yk_bad=1; break; fi`,
    'yk_nap 5',
    'done',
    'else yk_fail stop "no entrypoint at $yk_dir"; yk_bad=1; fi',
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
export function renderHooks(spec: HooksSpec = {}): Hooks {
  checkHooks(spec);
  const { drainSeconds = 5, stop } = spec;
  const postStart = join([preloadPart(spec.preload), onlinePart(spec.online)]);
  const offline = offlinePart(spec.offline);
  const stopSeconds = stop === false ? 0 : (stop?.deadlineSeconds ?? 30);
  const script = (name: string, lines: readonly string[]): string =>
    [hookScript, `yk_hook=${name} yk_bad=`, ...lines, ''].join('\n');
  return {
    postStart: postStart.lines.length === 0 ? undefined : script('postStart', strictly(postStart.lines)),
    preStop: script('preStop', [
      ...onwards(offline.lines),
      ...(drainSeconds > 0 ? [`sleep ${drainSeconds}`] : []),
      ...(stop === false ? [] : stopLines(stopSeconds)),
      '[ -z "$yk_bad" ]',
    ]),
    offline:
      offline.lines.length === 0
        ? undefined
        : { script: script('crash', onwards(offline.lines)), deadlineSeconds: Math.max(1, Math.ceil(offline.seconds)) },
    budgetSeconds: {
      postStart: Math.ceil(postStart.seconds),
      preStop: Math.ceil(offline.seconds + drainSeconds + stopSeconds),
    },
  };
}
