/** Fixed script text without indentation and comments; what a user wrote must not pass through here. */
export function compact(script: string): string {
  return script
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('# '))
    .join('\n');
}

/**
 * What entrypoint and hooks share. Every variable and function is named `_…`, so that none takes the place of one in
 * the container's environment.
 *
 * - `_clock`: hundredths of a second since the machine's start, in `_t`; no process is started for it.
 * - `_span A B`: `1.25 s`, in `_v`.
 * - `_keep TEXT`: appends a reason to the termination log, where there is one.
 * - `_mark WHO EVENT`: appends an event to the trace.
 * - `_bounded SECONDS COMMAND…`: runs a command, which is killed at its deadline (137), and in any case all that it
 *   leaves in its process group: busybox's `timeout` kills only the command, and what holds the output holds the reader.
 */
export const commonScript = compact(`
  _host=\${YOUZAN_HOST:-127.0.0.1}
  _dir=\${YOUZAN_STATE_DIR:-/tmp/youzan}
  _nl='
  '
  _clock() { read -r _t _x </proc/uptime; _t=$((\${_t%.*} * 100 + 1\${_t#*.} - 100)); }
  _span() { _v=$(($2 - $1)); _x=$((_v % 100 + 100)); _v="$((_v / 100)).\${_x#1} s"; }
  _keep() {
    [ -z "\${YOUZAN_TERMINATION_LOG:-}" ] && [ ! -e /dev/termination-log ] ||
    printf '%s\\n' "$1" 2>/dev/null >>"\${YOUZAN_TERMINATION_LOG:-/dev/termination-log}"
  }
  _mark() { [ -z "\${YOUZAN_TRACE:-}" ] || printf '%s|%s|%s\\n' "\${POD_UID:--}" "$1" "$2" 2>/dev/null >>"$YOUZAN_TRACE"; }
  _bounded() { setsid timeout -s KILL "$@" & _x=$!; wait $_x; _w=$?; kill -KILL -$_x 2>/dev/null; return $_w; }
`);
