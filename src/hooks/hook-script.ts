import { compact, httpTools, sharedScript } from '../rich-container/index.js';
import { postScript } from './post-script.js';
import { registryScript } from './registry/registry-steps.js';

/** One line of a hook's script. One with a `step` may fail; it says which functions it needs. */
export interface Line {
  readonly text: string;
  readonly step?: 'get' | 'post' | 'script' | 'registry';
}

const sayTwice = compact(`
  _say() {
    printf '%s\\n' "$1"
    printf '%s\\n' "$1" 2>/dev/null >>"\${YOUZAN_STDOUT:-/proc/1/fd/1}" || :
  }
`);
const sayOnce = `_say() { printf '%s\\n' "$1"; }`;

const base = compact(`
  _begin() { _clock; _t0=$_t _n=0; }
  _done() { _clock; _span $_t0 $_t; _mark hook $1; _say "youzan-hook: $1 done in $_v"; }
`);

const failing = compact(`
  _fail() {
    _clock; _span $_t0 $_t
    _x="$_hook: $1 failed: $2; tries: $_n, time: $_v"
    _say "youzan-hook: $_x"
    _keep "$_x"
    return 1
  }
`);

const napping = `_nap() { _x=$(($1 % 100 + 100)); sleep "$(($1 / 100)).\${_x#1}"; }`;

const get = '_http $2 "$3" $_left';
const getOrPost = `if [ $# = 7 ]; then ${get}; else _post "$_host:$2" "$3" $_left "$8" $9; fi`;

const tryingWith = (ask: string): string =>
  compact(`
  _good() {
    case $1 in
    =*) [ "$_s" = 200 ] && case " $_b " in *[!A-Za-z0-9_]"\${1#=}"[!A-Za-z0-9_]*) ;; *) false ;; esac ;;
    *) [ "$_s" = "$1" ] ;;
    esac
  }
  _try() {
    _begin
    while :; do
      _n=$((_n + 1))
      _left=$((($7 - _t + _t0 + 99) / 100))
      [ $_left -le 5 ] || _left=5
      [ $_left -ge 1 ] || _left=1
      ${ask}
      if _good "$4"; then return; fi
      _clock
      [ $_n -lt $5 ] && [ $((_t - _t0 + $6)) -lt $7 ] || break
      _nap $6
      _clock
    done
    set -- "$1" $_b
    _x=$1; shift
    _fail "$_x" "got HTTP $_s $(printf '%.300s' "$*")"
  }
`);

const running = compact(`
  _script() {
    _begin
    while :; do
      _n=$((_n + 1))
      _left=$((($5 - _t + _t0 + 99) / 100))
      [ $_left -ge 1 ] || _left=1
      _b=$(_bounded $_left /bin/sh -c "$2" 2>&1) && { [ -z "$_b" ] || _say "$_b"; return 0; }
      _w=$?
      _clock
      [ $_n -lt $3 ] && [ $((_t - _t0 + $4)) -lt $5 ] || break
      _nap $4
      _clock
    done
    set -- "$1" $_b
    _b=$1; shift
    _fail "$_b" "exit code $_w $(printf '%.300s' "$*")"
  }
`);

/**
 * A hook's script: what its lines need of the fixed part, then the lines. They may use
 *
 * - `_begin` and `_done STEP`, around a step;
 * - `_say TEXT`: to the hook's own output and to the container's (`$YOUZAN_STDOUT`, default `/proc/1/fd/1`); the hook
 *   `crash` runs in the entrypoint, where both are the same;
 * - `_fail STEP WHAT`: one line with hook, step, what was got, tries and time, also to the termination log;
 * - `_try STEP PORT PATH WANTED TRIES INTERVAL DEADLINE [BODY BYTES]`: asks until it is answered as wanted, with a body by
 *   POST; WANTED is a status, or `=WORD` for a 200 whose body holds the word. Interval and deadline are hundredths of a
 *   second; `_nap` takes such too;
 * - `_script STEP TEXT TRIES INTERVAL DEADLINE`: runs a text; what it leaves in the background ends with it;
 * - `_registry STEP AGENT STATUS DEADLINE`: see `registryScript`.
 */
export function hookScript(hook: 'postStart' | 'preStop' | 'crash', lines: readonly Line[]): string {
  const has = (...steps: readonly Line['step'][]): boolean =>
    lines.some(({ step }) => step !== undefined && steps.includes(step));
  const fails = hook === 'preStop' || lines.some(({ step }) => step !== undefined);
  return [
    `${sharedScript}${hook === 'crash' ? sayOnce : sayTwice}`,
    base,
    ...(fails ? [failing, napping] : []),
    ...(has('post') ? [postScript, tryingWith(getOrPost)] : has('get') ? [tryingWith(get)] : []),
    ...(has('script') ? [running] : []),
    ...(has('registry') ? [registryScript] : []),
    `_pick ${httpTools.join(' ')}`,
    `_hook=${hook} _bad=`,
    ...lines.map(({ text }) => text),
    '',
  ].join('\n');
}
