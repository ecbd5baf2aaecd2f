import { entrypointTools, exitCodes } from './exit-codes.js';
import { quote } from './quote.js';
import { compact } from './script-text.js';
import { stateFiles } from './state-file.js';
import { statusScript } from './status-script.js';

/**
 * The entrypoint's fixed part. All that happens comes as a line through one FIFO, in order, and only the main loop acts
 * on it. The shell waits for an event in `wait`, which returns at every signal and reaps every orphan, in dash, bash
 * and busybox alike; the FIFO is read by a child of its own (the pump), since `read` loses signals. A signal can make
 * `wait` return just when its child ends: so the pump numbers what it hands over, a child's status is asked twice, and
 * only a pump that was gone before its event was looked for is followed by another: two would lose an event.
 *
 * A process is started by a watcher of its own, which reports its pid and how it ended. What each process has:
 * `_s` state, `_p` pid, `_r` restarts, `_e` since, `_k` was ready once, `_b` next backoff, `_u` started
 * at, `_m` its timer's pid, `_q` its gate's pid, `_o` its output's end was seen.
 */
export const supervisorScript = compact(`
  _open= _phase=starting _asked= _hurry= _code= _fail= _halting= _busy= _early= _terms= _seq=0
  _signal() { if [ "$_open" ]; then echo "signal $1" >&3; elif [ $1 = TERM ]; then _early=1; fi; }
  trap '_signal TERM' TERM INT QUIT
  for _x in HUP USR1 USR2; do trap "_signal $_x" $_x; done
  _deaf() { trap '' TERM INT QUIT HUP USR1 USR2; }
  _say() { printf 'youzan-entrypoint: %s\\n' "$1" >&2; }
  _reason() { _say "$1"; _keep "$1"; }
  _die() { _reason "$2"; exit $1; }
  _epoch() { _clock; _t=$((_t / 100 + _base)); }
  _read() { eval "_v=\\\${_$1_$2-}"; }
  _named() { eval "_name=\\$_name_$1"; }
  _set() { _epoch; eval "_s_$1=$2 _e_$1=$_t"; _dirty=1; }
  _turn() { _epoch; _phase=$1 _since=$_t _dirty=1; }
  _save() {
    _dirty=
    {
      echo "entrypoint $_phase $_pid 0 $_since"
      for _i in $_all; do eval "echo \\"\\$_name_$_i \\$_s_$_i \\$_p_$_i \\$_r_$_i \\$_e_$_i\\""; done
    } >"$_dir/state.new" && mv "$_dir/state.new" "$_dir/state"
  }
  _kill() { _read p $1; [ "$_v" = - ] || kill -KILL -$_v 2>/dev/null; }
  _await() {
    while :; do
      wait $1 2>/dev/null; _w=$?
      [ $_w -gt 128 ] || return
      kill -0 $1 2>/dev/null || break
    done
    wait $1 2>/dev/null; _x=$?
    [ $_x = 127 ] || _w=$_x
  }
  _next() {
    _seq=$((_seq + 1)) _pump=
    while :; do
      if [ -z "$_pump" ]; then
        { _deaf; IFS= read -r _l <&3 && printf '%s %s\\n' $_seq "$_l" >"$_dir/event"; } &
        _pump=$!
      fi
      wait $_pump 2>/dev/null; _w=$?
      [ $_w -gt 128 ] && kill -0 $_pump 2>/dev/null || _pump=
      read -r _x _l <"$_dir/event"
      [ "$_x" != $_seq ] || return
    done
  }
  _timer() { setsid /bin/sh -c 'sleep "$0"; echo "timer $1 $2" >&3' "$1" $2 $3 >/dev/null 2>&1 & eval "_m_$3=$!"; }
  _untimer() { _read m $1; [ -z "$_v" ] || _cut $_v; eval "_m_$1="; }
  # Only KILL is never lost on a process that was just forked; before setsid there is no group, after it a child.
  _cut() { kill -KILL -$1 || kill -KILL $1 || :; kill -KILL -$1 || :; } 2>/dev/null
  _watch() {
    trap : TERM INT QUIT HUP USR1 USR2
    _run_$1 3>&- &
    echo "pid $1 $!" >&3
    _await $!
    echo "exit $1 $_w" >&3
  }
  _prefix() {
    _deaf
    while IFS= read -r _l || [ "$_l" ]; do printf '%s\\n' "$2$_l"; done
    echo "drained $1" >&3
  }
  _start() {
    _clock; eval "_u_$1=$_t"
    _set $1 starting
    _mark entrypoint "start $_name"
    _read prefix $1
    if [ "$_v" ]; then eval "_o_$1=open"; _watch $1 2>&1 | _prefix $1 "[$_name] " &
    else _watch $1 & fi
    if ! _gated $1; then _ready $1
    else
      _x=$_v; _read q $1
      [ "$_v" ] || { _gate $1 $_x & eval "_q_$1=$!"; }
    fi
  }
  # Whether it must still pass its gate: it was never ready.
  _gated() { _read k $1; [ -z "$_v" ] && _read deadline $1 && [ "$_v" ]; }
  _gate() {
    _clock; _t0=$_t _n=0 _nap=5
    while :; do
      _n=$((_n + 1))
      _left=$((($2 - _t + _t0 + 99) / 100))
      [ $_left -le 5 ] || _left=5
      [ $_left -ge 1 ] || _left=1
      if _l=$(_check_$1 $_left 2>&1 3>&-); then echo "ready $1" >&3; return; fi
      _clock
      if [ $((_t - _t0)) -ge $2 ]; then
        _span $_t0 $_t
        _l=\${_l##*"$_nl"}
        printf 'late %s after %s, %s tries; last: %.400s\\n' $1 "$_v" $_n "\${_l:-failed without output}" >&3
        return
      fi
      _x=$(($2 - _t + _t0))
      [ $_nap -ge $_x ] || _x=$_nap
      _x=$((_x + 100)); sleep "0.\${_x#?}"
      _nap=$((_nap < 33 ? _nap * 3 / 2 : 50))
      _clock
    done
  }
  _ready() {
    _read k $1
    if [ -z "$_v" ]; then eval "_k_$1=1"; _mark entrypoint "ready $_name"; fi
    _set $1 ready
    [ $1 != $_main ] || [ $_phase != starting ] || _turn running
  }
  _advance() {
    [ -z "$_halting" ] || return
    for _i in $_all; do
      _read s $_i; [ $_v = waiting ] || continue
      _read after $_i
      for _j in $_v; do _read k $_j; [ "$_v" ] || continue 2; done
      _named $_i
      _start $_i
    done
  }
  # A process that was just forked has no group yet: a moment later it has, or is gone.
  _ask() {
    _read stop $1; _x=\${_v:-TERM} _n=0
    _read p $1; [ "$_v" = - ] || until kill -$_x -$_v || [ $((_n += 1)) -gt 99 ] || ! kill -0 $_v; do sleep 0.02; done 2>/dev/null
  }
  _end() {
    _set $1 stopping
    _read name $1; _mark entrypoint "stop $_v"
    _ask $1
    _untimer $1
    _read grace $1; _timer $_v kill $1
  }
  _step() {
    _halting=1
    [ -z "$_busy" ] || return
    for _i in $_main $_reverse; do
      _read q $_i; [ -z "$_v" ] || kill -KILL $_v 2>/dev/null; eval "_q_$_i="
      _read s $_i
      case $_v in
      waiting|backoff) _untimer $_i; _set $_i exited ;;
      exited) ;;
      *) [ $_v = stopping ] || _end $_i; [ "$_hurry" ] || return ;;
      esac
    done
    for _i in $_all; do _read s $_i; [ $_v = exited ] || return; done
    for _i in $_all; do
      _read o $_i
      [ -z "$_v" ] || { [ "$_flush" ] || _timer 1 flush 0; _flush=1; return; }
    done
    _leave
  }
  _leave() {
    _untimer 0
    [ $_phase = ended ] || _turn ended
    _save
    _x=\${_fail:-\${_code:-143}}
    _mark entrypoint "exit $_x"
    exit $_x
  }
  _ended() {
    _untimer $1
    _kill $1
    eval "_p_$1=-"
    _named $1
    _mark entrypoint "exit $_name $2"
    _read s $1; _was=$_v
    _read u $1; _clock; _up=$((_t - _v)); _span $_v $_t
    if [ $1 = $_main ]; then
      _set $1 exited; _turn ended; _code=$2
      if [ $_was = stopping ] || [ "$_asked" ] || [ -e "$_dir/stopping" ]; then
        [ -z "$_halting" ] || _step
      else
        _w="$_name ended unasked after $_v with exit code $2"
        _say "$_w"; [ $2 = 0 ] || _keep "$_w"
        _offline
      fi
    elif [ "$_halting" ]; then _set $1 exited; _step
    else
      [ $_up -lt 3000 ] || eval "_b_$1=50"
      _read b $1; _x=$((_v % 100 + 100)); _w=$((_v / 100)).\${_x#1}
      _v=$((_v < 1500 ? _v * 2 : 3000))
      eval "_b_$1=$_v"
      _set $1 backoff
      _say "$_name ended with exit code $2; again in $_w s"
      _timer $_w start $1
    fi
  }
  _offline() {
    [ "$_offline" ] || { _step; return; }
    _busy=1 _halting=1
    { _deaf; _run_offline 3>&-; echo offline >&3; } &
  }
  _began() {
    eval "_p_$1=$2"
    _dirty=1
    _read s $1
    [ $_v != stopping ] || _ask $1
  }
  _late() {
    _i=$1; shift
    [ -z "$_halting" ] || return
    _named $_i; _read gate $_i
    _reason "$_name is not ready: $_v; $*"
    _fail=${exitCodes.gateFailed.code} _asked=1
    _step
  }
  _quit() {
    if [ -z "$_terms" ]; then
      _terms=1 _asked=1
      [ $_phase = ended ] || _turn stopping
      _step
      return
    fi
    [ -z "$_hurry" ] || return
    _hurry=1 _busy=
    _say 'TERM again: no more waiting'
    for _i in $_all; do
      _read s $_i
      [ $_v != stopping ] || _kill $_i
      eval "_grace_$_i=1"
    done
    _step
  }
  _halt_main() {
    echo >"$_dir/stopping"
    _read s $_main
    case $_v in
    waiting) _set $_main exited; _turn ended ;;
    starting|ready) _turn stopping; _end $_main ;;
    esac
  }
  _on_timer() {
    _read s $2
    case $1.$_v in
    kill.stopping) _read name $2; _say "$_v did not end in its grace: KILL"; eval "_m_$2="; _kill $2 ;;
    start.backoff) eval "_m_$2= _r_$2=\\$((_r_$2 + 1))"; _named $2; _start $2 ;;
    flush.*) _leave ;;
    esac
  }
  _forward() { _read signal_$1 $_main; _x=\${_v:-$1}; _read p $_main; [ "$_v" = - ] || kill -$_x $_v 2>/dev/null; }
`);

/** The end of the entrypoint: checks the image and the state directory, then acts on events until the exit. */
export const supervisorMain = compact(`
  for _x in ${entrypointTools.join(' ')}; do command -v $_x >/dev/null 2>&1 || _die ${exitCodes.toolMissing.code} "the image has no $_x"; done
  for _x in state stopping events; do [ ! -e "$_dir/$_x" ] || rm -f "$_dir/$_x"; done
  { { [ -d "$_dir" ] || mkdir -p "$_dir"; } && mkfifo -m 600 "$_dir/events" && echo >"$_dir/event" &&
  printf '%s' ${quote(statusScript)} >"$_dir/${stateFiles.status}"; } ||
  _die ${exitCodes.stateDirectory.code} "the state directory $_dir can not be written; mount an emptyDir and set YOUZAN_STATE_DIR to it"
  exec 3<>"$_dir/events"
  _open=1
  [ -z "$_early" ] || echo 'signal TERM' >&3
  _env='env --default-signal=INT,QUIT'
  $_env true 2>/dev/null || _env=
  read -r _pid _x </proc/self/stat
  # Both are cut to seconds: nothing must seem to have begun in the future.
  _clock; _base=$(($(date +%s) - _t / 100 - 1))
  _epoch; _since=$_t _flush=
  for _i in $_all; do eval "_s_$_i=waiting _p_$_i=- _r_$_i=0 _e_$_i=$_t _b_$_i=50"; done
  _save
  _advance
  while :; do
    [ -z "$_dirty" ] || _save
    _next
    set -- $_l
    case $1 in
    pid) _began $2 $3 ;;
    exit) _ended $2 $3 ;;
    ready) eval "_q_$2="; _read s $2; [ $_v != starting ] || { _named $2; _ready $2; _advance; } ;;
    late) shift; _late "$@" ;;
    timer) _on_timer $2 $3 ;;
    drained) eval "_o_$2="; [ -z "$_halting" ] || _step ;;
    offline) _busy=; _step ;;
    stop) _halt_main ;;
    signal) case $2 in TERM) _quit ;; *) _forward $2 ;; esac ;;
    esac
  done
`);
