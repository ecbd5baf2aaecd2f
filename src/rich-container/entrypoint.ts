import { checkProcesses } from './check-processes.js';
import { exitCodes } from './exit-codes.js';
import { gracesOf } from './graces.js';
import { startOrder } from './graph.js';
import { httpTools, pickScript, sharedScript, tcpScript, tcpTools } from './probe-script.js';
import type { Gate, ProcessSpec } from './process-spec.js';
import { commandWords, quote } from './quote.js';
import { commonScript } from './script-text.js';
import { supervisorMain, supervisorScript } from './supervisor-script.js';

/** What {@link renderEntrypoint} makes a script of. */
export interface EntrypointSpec {
  readonly processes: readonly ProcessSpec[];
  /** Seconds for the whole stop, from TERM to the exit; the pod's grace must be longer by the preStop hook's budget. */
  readonly graceSeconds: number;
  /** Runs when main ended unasked, before the helpers are stopped; see `renderHooks`. Default: nothing. */
  readonly offline?: { readonly script: string; readonly deadlineSeconds: number };
  /**
   * Folder below the state directory for the entrypoint's own files, where the containers of a pod share that directory.
   * The paths of file gates do not change by it. Default: the state directory itself.
   */
  readonly folder?: string;
  /**
   * All programs that the image has: an http or tcp gate that none of them can ask is an error here, before the container
   * fails at its start. Default: not known.
   */
  readonly tools?: readonly string[];
}

function describeGate(gate: Gate): string {
  if (gate.type === 'exec') return 'its exec gate';
  if (gate.type === 'file') return `its file gate ${gate.path}`;
  return gate.type === 'tcp'
    ? `its tcp gate on port ${gate.port}`
    : `its http gate on port ${gate.port}, GET ${gate.path},`;
}

/** The body of the function that tries a gate once, within `$1` seconds, and prints why it does not pass. */
function gateBody(gate: Gate, shared: boolean): string {
  switch (gate.type) {
    case 'exec':
      return `_bounded "$1" ${commandWords(gate.command)} || { _w=$?; [ $_w != 137 ] || echo "killed after $1 s"; return $_w; }`;
    case 'file': {
      const path = gate.path.startsWith('/') ? quote(gate.path) : `"$${shared ? '_top' : '_dir'}"/${quote(gate.path)}`;
      return `[ -e ${path} ] || { echo 'it does not exist'; false; }`;
    }
    case 'tcp':
      return `_tool=$_tcp_tool; _tcp ${gate.port} "$1"`;
    case 'http':
      return `_get ${gate.port} ${quote(gate.path)} $1`;
  }
}

function processLines(
  process: ProcessSpec,
  index: number,
  indexOf: ReadonlyMap<string, number>,
  graceSeconds: number,
  shared: boolean,
): string[] {
  const { name, command, after = [], ready, signals = {}, output } = process;
  const { TERM, ...forwarded } = signals;
  const values: Readonly<Record<string, string | undefined>> = {
    name,
    after: after.map((other) => indexOf.get(other)).join(' '),
    stop: TERM,
    grace: String(Math.round(graceSeconds * 100) / 100),
    prefix: output === 'prefix' ? '1' : '',
    ...(ready !== undefined && {
      deadline: String(Math.ceil(ready.deadlineSeconds * 100)),
      gate: `${describeGate(ready)} did not pass within ${ready.deadlineSeconds} s`,
    }),
    ...Object.fromEntries(Object.entries(forwarded).map(([signal, other]) => [`signal_${signal}`, other])),
  };
  return [
    Object.entries(values)
      .flatMap(([key, value = '']) => (value === '' ? [] : [`_${key}_${index}=${quote(value)}`]))
      .join(' '),
    `_run_${index}() { exec setsid $_env ${commandWords(command)}; }`,
    ...(ready === undefined ? [] : [`_check_${index}() { ${gateBody(ready, shared)}; }`]),
  ];
}

type Offline = NonNullable<EntrypointSpec['offline']>;

/** A script of `renderHooks` begins with what the entrypoint has too, and needs it no second time. */
function sharesFunctions(offline: Offline | undefined): boolean {
  return offline?.script.startsWith(sharedScript) === true;
}

/** Every step of a script of `renderHooks` has a deadline of its own; any other script is stopped at its deadline. */
function offlineBody(offline: Offline): string {
  if (sharesFunctions(offline)) return offline.script.slice(sharedScript.length);
  return `timeout -s KILL ${Math.ceil(offline.deadlineSeconds)} /bin/sh -c ${quote(offline.script)}`;
}

function pickLine(kind: 'http' | 'tcp', tools: readonly string[]): string {
  return `_x='${tools.join(' ')}'; _pick $_x || _die ${exitCodes.noProbeTool.code} "none of $_x in the image for the ${kind} gates; use file or exec gates"; _${kind}_tool=$_tool`;
}

/** `_get PORT PATH SECONDS`: tries an http gate once. */
const getScript = `_get() { _tool=$_http_tool; _http "$@"; case $_s in [23]*) ;; *) set -- $_b; echo "HTTP $_s: $*"; false ;; esac; }`;

/**
 * The POSIX sh script that runs a rich container's processes: in dependency order, with gates, restarts of helpers,
 * reverse stop, reaping. It runs under dash, bash and busybox, as PID 1 or not, without root, on a read-only root file
 * system when `$YOUZAN_STATE_DIR` can be written. Give it to `sh -c`; it may stand in a container's `command` as it is:
 * it holds nothing that Kubernetes expands there.
 *
 * Its exit codes are in {@link exitCodes}, its state file is described at {@link stateFiles}; the reason of a failure is
 * appended to `$YOUZAN_TERMINATION_LOG` (default `/dev/termination-log`, where there is one), events to `$YOUZAN_TRACE`.
 *
 * @throws `RICH_CONTAINER_INVALID` with all findings.
 * @example
 * const script = renderEntrypoint({
 *   processes: [
 *     { name: 'log-agent', command: ['filebeat'], ready: { type: 'tcp', port: 2280, deadlineSeconds: 10 } },
 *     { name: 'app', main: true, command: { shell: 'exec java $JAVA_OPTS -jar app.jar' }, after: ['log-agent'] },
 *   ],
 *   graceSeconds: 30,
 * });
 */
export function renderEntrypoint({ processes, graceSeconds, offline, folder, tools }: EntrypointSpec): string {
  checkProcesses(processes, graceSeconds, tools);
  const order = startOrder(processes) ?? processes;
  const graces = gracesOf(processes, graceSeconds);
  const indexOf = new Map(order.map(({ name }, at) => [name, at + 1]));
  const indexes = order.map((_, at) => at + 1);
  const main = order.findIndex(({ main: isMain }) => isMain === true) + 1;
  const gates = new Set(order.map(({ ready }) => ready?.type));
  return [
    gates.has('http') || sharesFunctions(offline)
      ? sharedScript
      : ['set -fu', commonScript, gates.has('tcp') ? pickScript : ''].join('\n'),
    ...(folder === undefined ? [] : [`_top=$_dir _dir=$_dir/${quote(folder)}`]),
    `_all='${indexes.join(' ')}' _reverse='${indexes
      .filter((index) => index !== main)
      .reverse()
      .join(' ')}' _main=${main} _offline=${offline === undefined ? '' : '1'}`,
    ...order.flatMap((process) =>
      processLines(
        process,
        indexOf.get(process.name) ?? 0,
        indexOf,
        graces.get(process.name) ?? 0,
        folder !== undefined,
      ),
    ),
    ...(offline === undefined ? [] : [`_run_offline() {\n${offlineBody(offline)}\n}`]),
    supervisorScript,
    ...(gates.has('http') ? [getScript, pickLine('http', httpTools)] : []),
    ...(gates.has('tcp') ? [tcpScript, pickLine('tcp', tcpTools)] : []),
    supervisorMain,
    '',
  ].join('\n');
}
