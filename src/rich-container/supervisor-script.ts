import { compact } from './script-text.js';

/**
 * The entrypoint's fixed part. All that happens comes as a line through one FIFO, in order, and only the main loop acts
 * on it. The shell waits for an event in `wait`, which returns at every signal and reaps every orphan, in dash, bash
 * and busybox alike; the FIFO is read by a child of its own (the pump), since `read` loses signals.
 *
 * A process is started by a watcher of its own, which reports its pid and how it ended. What each process has:
 * `yk_s` state, `yk_p` pid, `yk_r` restarts, `yk_e` since, `yk_k` was ready once, `yk_b` next backoff, `yk_u` started
 * at, `yk_m` its timer's pid, `yk_q` its gate's pid, `yk_o` its output's end was seen.
 */
export const supervisorScript = compact(`
  yk_open= yk_phase=starting yk_asked= yk_hurry= yk_code= yk_fail= yk_halting= yk_busy= yk_early= yk_terms=
  yk_signal() { if [ "$yk_open" ]; then echo "signal $1" >&3; elif [ $1 = TERM ]; then yk_early=1; fi; }
  trap 'yk_signal TERM' TERM INT QUIT
  for yk_x in HUP USR1 USR2; do trap "yk_signal $yk_x" $yk_x; done
  yk_say() { printf 'youzan-entrypoint: %s\\n' "$1" >&2; }
  yk_reason() { yk_say "$1"; yk_keep "$1"; }
  yk_die() { yk_reason "$2"; exit $1; }
  yk_epoch() { yk_clock; yk_t=$((yk_t / 100 + yk_base)); }
  yk_read() { eval "yk_v=\\$yk_$1_$2"; }
  yk_set() { yk_epoch; eval "yk_s_$1=$2 yk_e_$1=$yk_t"; yk_dirty=1; }
  yk_turn() { yk_epoch; yk_phase=$1 yk_since=$yk_t yk_dirty=1; }
  yk_save() {
    yk_dirty=
    {
      echo "entrypoint $yk_phase $yk_pid 0 $yk_since"
      for yk_i in $yk_all; do eval "echo \\"\\$yk_name_$yk_i \\$yk_s_$yk_i \\$yk_p_$yk_i \\$yk_r_$yk_i \\$yk_e_$yk_i\\""; done
    } >"$yk_dir/state.new" && mv "$yk_dir/state.new" "$yk_dir/state"
  }
  yk_kill() { yk_read p $2; [ "$yk_v" = - ] || kill -$1 -$yk_v 2>/dev/null; }
  yk_await() {
    while :; do
      wait $1 2>/dev/null; yk_w=$?
      [ $yk_w -gt 128 ] && kill -0 $1 2>/dev/null || return $yk_w
    done
  }
  yk_timer() {
    (
      trap 'kill $!; exit' TERM
      sleep "$1" & wait $!
      echo "timer $2 $3" >&3
    ) >/dev/null 2>&1 &
    eval "yk_m_$3=$!"
  }
  yk_untimer() { yk_read m $1; [ -z "$yk_v" ] || kill $yk_v 2>/dev/null; eval "yk_m_$1="; }
  yk_watch() {
    trap : TERM INT QUIT HUP USR1 USR2
    yk_run_$1 3>&- &
    echo "pid $1 $!" >&3
    yk_await $!
    echo "exit $1 $yk_w" >&3
  }
  yk_prefix() {
    trap '' TERM INT QUIT HUP USR1 USR2
    while IFS= read -r yk_l || [ "$yk_l" ]; do printf '%s\\n' "$2$yk_l"; done
    echo "drained $1" >&3
  }
  yk_start() {
    yk_clock; eval "yk_u_$1=$yk_t"
    yk_set $1 starting
    yk_mark entrypoint "start $yk_name"
    yk_read output $1
    if [ "$yk_v" = prefix ]; then eval "yk_o_$1=open"; yk_watch $1 2>&1 | yk_prefix $1 "[$yk_name] " &
    else yk_watch $1 & fi
    yk_read k $1; yk_x=$yk_v; yk_read q $1; yk_x=$yk_x$yk_v; yk_read deadline $1
    if [ "$yk_v" ] && [ -z "$yk_x" ]; then yk_gate $1 $yk_v & eval "yk_q_$1=$!"; fi
  }
  yk_gate() {
    yk_clock; yk_t0=$yk_t yk_n=0 yk_nap=5
    while :; do
      yk_n=$((yk_n + 1))
      yk_left=$((($2 - yk_t + yk_t0 + 99) / 100))
      [ $yk_left -le 5 ] || yk_left=5
      [ $yk_left -ge 1 ] || yk_left=1
      if yk_l=$(yk_check_$1 $yk_left 2>&1 3>&-); then echo "ready $1" >&3; return; fi
      yk_clock
      if [ $((yk_t - yk_t0 + yk_nap)) -ge $2 ]; then
        yk_span $yk_t0 $yk_t
        yk_l=\${yk_l##*"$yk_nl"}
        printf 'late %s after %s, %s tries; last: %.400s\\n' $1 "$yk_v" $yk_n "\${yk_l:-failed without output}" >&3
        return
      fi
      yk_x=$((yk_nap + 100)); sleep "$((yk_nap / 100)).\${yk_x#?}"
      yk_nap=$((yk_nap * 3 / 2)); [ $yk_nap -le 50 ] || yk_nap=50
      yk_clock
    done
  }
  yk_ready() {
    yk_read k $1
    if [ -z "$yk_v" ]; then eval "yk_k_$1=1"; yk_mark entrypoint "ready $yk_name"; fi
    yk_set $1 ready
    [ $1 != $yk_main ] || [ $yk_phase != starting ] || yk_turn running
  }
  yk_advance() {
    [ -z "$yk_halting" ] || return
    for yk_i in $yk_all; do
      yk_read s $yk_i; [ $yk_v = waiting ] || continue
      yk_read after $yk_i
      for yk_j in $yk_v; do yk_read k $yk_j; [ "$yk_v" ] || continue 2; done
      yk_read name $yk_i; yk_name=$yk_v
      yk_start $yk_i
    done
  }
  yk_end() {
    yk_set $1 stopping
    yk_read name $1; yk_mark entrypoint "stop $yk_v"
    yk_read stop $1; yk_kill $yk_v $1
    yk_untimer $1
    yk_read grace $1; yk_timer $yk_v kill $1
  }
  yk_step() {
    yk_halting=1
    [ -z "$yk_busy" ] || return
    for yk_i in $yk_main $yk_reverse; do
      yk_read q $yk_i; [ -z "$yk_v" ] || kill $yk_v 2>/dev/null; eval "yk_q_$yk_i="
      yk_read s $yk_i
      case $yk_v in
      waiting|backoff) yk_untimer $yk_i; yk_set $yk_i exited ;;
      starting|ready) yk_end $yk_i; [ "$yk_hurry" ] || return ;;
      stopping) [ "$yk_hurry" ] || return ;;
      esac
    done
    for yk_i in $yk_all; do yk_read s $yk_i; [ $yk_v = exited ] || return; done
    for yk_i in $yk_all; do
      yk_read o $yk_i
      if [ "$yk_v" = open ]; then [ "$yk_flush" ] || { yk_flush=1; yk_timer 1 flush 0; }; return; fi
    done
    yk_leave
  }
  yk_leave() {
    yk_untimer 0
    [ $yk_phase = ended ] || yk_turn ended
    yk_save
    yk_mark entrypoint "exit \${yk_fail:-\${yk_code:-143}}"
    exit \${yk_fail:-\${yk_code:-143}}
  }
  yk_ended() {
    yk_untimer $1
    yk_kill KILL $1
    eval "yk_p_$1=-"
    yk_read name $1; yk_name=$yk_v
    yk_mark entrypoint "exit $yk_name $2"
    yk_read s $1; yk_was=$yk_v
    yk_read u $1; yk_clock; yk_up=$((yk_t - yk_v)); yk_span $yk_v $yk_t
    if [ $1 = $yk_main ]; then
      yk_set $1 exited; yk_turn ended; yk_code=$2
      if [ $yk_was = stopping ] || [ "$yk_asked" ] || [ -e "$yk_dir/stopping" ]; then
        [ -z "$yk_halting" ] || yk_step
      else
        yk_w="$yk_name ended unasked after $yk_v with exit code $2"
        if [ $2 = 0 ]; then yk_say "$yk_w"; else yk_reason "$yk_w"; fi
        yk_offline
      fi
    elif [ "$yk_halting" ]; then yk_set $1 exited; yk_step
    else
      [ $yk_up -lt 3000 ] || eval "yk_b_$1=50"
      yk_read b $1; yk_x=$((yk_v % 100 + 100)); yk_w=$((yk_v / 100)).\${yk_x#1}
      yk_v=$((yk_v * 2)); [ $yk_v -le 3000 ] || yk_v=3000
      eval "yk_b_$1=$yk_v"
      yk_set $1 backoff
      yk_say "$yk_name ended with exit code $2; again in $yk_w s"
      yk_timer $yk_w start $1
    fi
  }
  yk_offline() {
    [ "$yk_offline" ] || { yk_step; return; }
    yk_busy=1 yk_halting=1
    { trap '' TERM INT QUIT HUP USR1 USR2; yk_run_offline 3>&-; echo "offline $?" >&3; } &
  }
  yk_began() {
    eval "yk_p_$1=$2"
    yk_dirty=1
    yk_read s $1
    case $yk_v in
    stopping) yk_read stop $1; yk_kill $yk_v $1 ;;
    starting) yk_read k $1; yk_x=$yk_v; yk_read deadline $1; [ "$yk_v" ] && [ -z "$yk_x" ] || { yk_read name $1; yk_name=$yk_v; yk_ready $1; yk_advance; } ;;
    esac
  }
  yk_late() {
    yk_i=$1; shift
    [ -z "$yk_halting" ] || return
    yk_read name $yk_i; yk_name=$yk_v; yk_read gate $yk_i; yk_w=$yk_v; yk_read deadline $yk_i
    yk_reason "$yk_name is not ready: $yk_w did not pass within $((yk_v / 100)) s; $*"
    yk_fail=$yk_gate_failed yk_asked=1
    yk_step
  }
  yk_quit() {
    if [ -z "$yk_terms" ]; then
      yk_terms=1 yk_asked=1
      [ $yk_phase = ended ] || yk_turn stopping
      yk_step
      return
    fi
    [ -z "$yk_hurry" ] || return
    yk_hurry=1 yk_busy=
    yk_say 'TERM again: no more waiting'
    for yk_i in $yk_all; do
      yk_read s $yk_i
      [ $yk_v != stopping ] || yk_kill KILL $yk_i
      eval "yk_grace_$yk_i=1"
    done
    yk_step
  }
  yk_halt_main() {
    echo >"$yk_dir/stopping"
    yk_read s $yk_main
    case $yk_v in
    waiting) yk_set $yk_main exited; yk_turn ended ;;
    starting|ready) yk_turn stopping; yk_end $yk_main ;;
    esac
  }
  yk_on_timer() {
    yk_read s $2
    case $1.$yk_v in
    kill.stopping) yk_read name $2; yk_say "$yk_v did not end in its grace: KILL"; eval "yk_m_$2="; yk_kill KILL $2 ;;
    start.backoff) eval "yk_m_$2= yk_r_$2=\\$((yk_r_$2 + 1))"; yk_read name $2; yk_name=$yk_v; yk_start $2 ;;
    flush.*) yk_leave ;;
    esac
  }
  yk_forward() { yk_read signal_$1 $yk_main; yk_x=$yk_v; yk_read p $yk_main; [ "$yk_v" = - ] || kill -$yk_x $yk_v 2>/dev/null; }
`);

/** The end of the entrypoint: checks the image and the state directory, then acts on events until the exit. */
export const supervisorMain = compact(`
  for yk_x in $yk_tools; do command -v $yk_x >/dev/null 2>&1 || yk_die $yk_tool_missing "the image has no $yk_x, which the entrypoint needs"; done
  { mkdir -p "$yk_dir" && rm -f "$yk_dir/events" "$yk_dir/stopping" "$yk_dir/state" && mkfifo -m 600 "$yk_dir/events" && echo >"$yk_dir/event"; } ||
  yk_die $yk_state_directory "the state directory $yk_dir can not be written; mount an emptyDir and set YOUZAN_STATE_DIR to it"
  exec 3<>"$yk_dir/events"
  yk_open=1
  [ -z "$yk_early" ] || echo 'signal TERM' >&3
  yk_env=
  ! env --default-signal=INT,QUIT true 2>/dev/null || yk_env='env --default-signal=INT,QUIT'
  read -r yk_pid yk_x </proc/self/stat
  yk_clock; yk_base=$(($(date +%s) - yk_t / 100))
  yk_epoch; yk_since=$yk_t yk_flush= yk_s_0= yk_m_0=
  for yk_i in $yk_all; do eval "yk_s_$yk_i=waiting yk_p_$yk_i=- yk_r_$yk_i=0 yk_e_$yk_i=$yk_t yk_k_$yk_i= yk_b_$yk_i=50 yk_u_$yk_i=0 yk_m_$yk_i= yk_q_$yk_i= yk_o_$yk_i="; done
  yk_advance
  yk_save
  while :; do
    { trap '' TERM INT QUIT HUP USR1 USR2; IFS= read -r yk_l <&3 && printf '%s\\n' "$yk_l" >"$yk_dir/event"; } &
    yk_await $! || continue
    read -r yk_l <"$yk_dir/event"
    set -- $yk_l
    case $1 in
    pid) yk_began $2 $3 ;;
    exit) yk_ended $2 $3 ;;
    ready) eval "yk_q_$2="; yk_read s $2; [ $yk_v != starting ] || { yk_read name $2; yk_name=$yk_v; yk_ready $2; yk_advance; } ;;
    late) shift; yk_late "$@" ;;
    timer) yk_on_timer $2 $3 ;;
    drained) eval "yk_o_$2="; [ -z "$yk_halting" ] || yk_step ;;
    offline) yk_busy=; yk_step ;;
    stop) yk_halt_main ;;
    signal) case $2 in TERM) yk_quit ;; *) yk_forward $2 ;; esac ;;
    esac
    [ -z "$yk_dirty" ] || yk_save
  done
`);
