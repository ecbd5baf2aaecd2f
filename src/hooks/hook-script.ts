import { commonScript, compact, httpScript, httpTools, pickScript } from '../rich-container/index.js';

/**
 * The hooks' fixed part.
 *
 * - `yk_say TEXT`: to the hook's own output and to the container's (`$YOUZAN_STDOUT`, default `/proc/1/fd/1`).
 * - `yk_fail STEP WHAT`: one line with hook, step, what was got, tries and time, also to the termination log.
 * - `yk_try STEP PORT PATH WANTED TRIES INTERVAL DEADLINE`: polls; WANTED is a status, or `=TEXT` for the `status` in
 *   the answer's JSON. Interval and deadline in hundredths of a second.
 */
export const hookScript = [
  'set -fu',
  commonScript,
  pickScript,
  httpScript,
  compact(`
    yk_say() {
      printf '%s\\n' "$1"
      printf '%s\\n' "$1" 2>/dev/null >>"\${YOUZAN_STDOUT:-/proc/1/fd/1}"
    }
    yk_fail() {
      yk_clock; yk_span $yk_t0 $yk_t
      yk_say "youzan-hook: $yk_hook: $1 failed: $2; $yk_n tries in $yk_v"
      yk_keep "$yk_hook: $1 failed: $2; $yk_n tries in $yk_v"
      return 1
    }
    yk_begin() { yk_clock; yk_t0=$yk_t yk_n=0; }
    yk_nap() { yk_x=$(($1 % 100 + 100)); sleep "$(($1 / 100)).\${yk_x#1}"; }
    yk_good() {
      case $1 in
      =*)
        [ "$yk_s" = 200 ] || return
        yk_y=\${1#=}
        set -- $yk_b
        yk_x=$(IFS=; echo "$*")
        case \${yk_x#*'"status":'} in "\\"$yk_y\\""*) ;; *) return 1 ;; esac ;;
      *) [ "$yk_s" = "$1" ] ;;
      esac
    }
    yk_try() {
      yk_begin
      while :; do
        yk_n=$((yk_n + 1))
        yk_left=$((($7 - yk_t + yk_t0 + 99) / 100))
        [ $yk_left -le 5 ] || yk_left=5
        [ $yk_left -ge 1 ] || yk_left=1
        yk_http $2 "$3" $yk_left
        if yk_good "$4"; then return; fi
        yk_clock
        [ $yk_n -lt $5 ] && [ $((yk_t - yk_t0 + $6)) -lt $7 ] || break
        yk_nap $6
        yk_clock
      done
      set -- "$1" $yk_b
      yk_x=$1; shift
      yk_fail "$yk_x" "got HTTP $yk_s $(printf '%.300s' "$*")"
    }
    yk_script() {
      yk_begin; yk_n=1
      yk_b=$(timeout -s KILL "$2" /bin/sh -c "$3" 2>&1) && return
      yk_x=$?
      set -- "$1" $yk_b
      yk_b=$1; shift
      yk_fail "$yk_b" "exit code $yk_x $(printf '%.300s' "$*")"
    }
    yk_done() { yk_clock; yk_span $yk_t0 $yk_t; yk_mark hook $1; yk_say "youzan-hook: $1 done in $yk_v"; }
  `),
  `yk_pick ${httpTools.join(' ')}`,
].join('\n');
