/** Fixed script text without indentation and comments; what a user wrote must not pass through here. */
export function compact(script: string): string {
  return script
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('# '))
    .join('\n');
}

/**
 * What entrypoint and hooks share. Every variable and function is named `yk_…`, so that none takes the place of one in
 * the container's environment.
 *
 * - `yk_clock`: hundredths of a second since the machine's start, in `yk_t`; no process is started for it.
 * - `yk_span A B`: `1.25 s`, in `yk_v`.
 * - `yk_keep TEXT`: appends a reason to the termination log, where there is one.
 * - `yk_mark WHO EVENT`: appends an event to the trace.
 */
export const commonScript = compact(`
  yk_host=\${YOUZAN_HOST:-127.0.0.1}
  yk_dir=\${YOUZAN_STATE_DIR:-/tmp/youzan}
  yk_nl='
  '
  yk_clock() { read -r yk_t yk_x </proc/uptime; yk_t=$((\${yk_t%.*} * 100 + 1\${yk_t#*.} - 100)); }
  yk_span() { yk_v=$(($2 - $1)); yk_x=$((yk_v % 100 + 100)); yk_v="$((yk_v / 100)).\${yk_x#1} s"; }
  yk_keep() {
    [ -z "\${YOUZAN_TERMINATION_LOG:-}" ] && [ ! -e /dev/termination-log ] ||
    printf '%s\\n' "$1" 2>/dev/null >>"\${YOUZAN_TERMINATION_LOG:-/dev/termination-log}"
  }
  yk_mark() { [ -z "\${YOUZAN_TRACE:-}" ] || printf '%s|%s|%s\\n' "\${POD_UID:--}" "$1" "$2" 2>/dev/null >>"$YOUZAN_TRACE"; }
`);
