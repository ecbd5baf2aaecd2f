import { compact } from '../../rich-container/index.js';
import { commonScript } from '../../rich-container/script-text.js';
import { pickScript } from '../../rich-container/probe-script.js';
import { postScript } from '../post-script.js';

/**
 * The files of a registration in the state directory, between the hooks and the agent, which alone writes to etcd, so
 * that an OK under way never comes after an UNREG.
 *
 * - `NAME.wanted`: the status that the last hook asked for; nothing is registered before there is one.
 * - `NAME.events`: a FIFO with the agent at its end. A hook writes the time, as `_clock` has it, to be served.
 * - `NAME.state`: the agent's last try: `ok STATUS TIME`, or `failed STATUS TIME WHY`; TIME is when it began.
 *
 * An agent that is started again goes on with what was wanted. In a new container, which the entrypoint's state file
 * shows by zero restarts, it begins with nothing: the directory may be a volume that outlived the last container.
 */
export const agentFiles = { wanted: 'wanted', events: 'events', state: 'state' } as const;

/** Tries the endpoints in turn, that one first which answered last; an etcd without a leader answers 503. */
const asking = compact(`
  _ask() {
    _down= _why="no endpoints: YOUZAN_REGISTRY is empty"
    for _e in $_good $_endpoints; do
      [ "$_e" != "$_down" ] || continue
      _post "$_e" "/v3/$1" $_request "$2" \${#2}
      case $_s in [1-4]??) _good=$_e _why="$_e: HTTP $_s $_b"; return ;; esac
      [ "$_e" != "$_good" ] || { _down=$_e _good=; }
      _why="$_e: HTTP $_s $_b"
    done
    return 1
  }
`);

/** `_put STATUS` writes the key under a lease, under a new one when the old one is gone; `_alive` renews the lease. */
const writing = compact(`
  _grant() {
    _ask lease/grant "{\\"TTL\\":$_ttl}" || return
    case $_s$_b in 200*'"ID":"'*) _lease=\${_b#*'"ID":"'}; _lease=\${_lease%%'"'*} ;; *) return 1 ;; esac
  }
  _base64() {
    _v=$(printf %s "$1" | base64 2>/dev/null) || { _why='the image has no base64'; return 1; }
    set -- $_v; _v=
    for _x; do _v=$_v$_x; done
  }
  _put() {
    _base64 "$_key" && _k=$_v && _value $1 && _base64 "$_v" || return
    _v="{\\"key\\":\\"$_k\\",\\"value\\":\\"$_v\\",\\"lease\\":\\""
    for _i in 1 2; do
      [ "$_lease" ] || _grant || return
      _ask kv/put "$_v$_lease\\"}" || return
      [ $_s != 200 ] || return 0
      [ $_s = 404 ] || return
      _lease=
    done
    return 1
  }
  _alive() {
    _ask lease/keepalive "{\\"ID\\":\\"$_lease\\"}" || return
    case $_s$_b in 200*'"TTL":'*) ;; *) _lease=; return 1 ;; esac
  }
`);

/** A tick renews the lease, and writes again when it is gone; a hook's question is only answered by a write. */
const serving = compact(`
  _serve() {
    read -r _want 2>/dev/null <"$_f.wanted" || _want=
    [ "$_want" ] || return 0
    _clock; _at=$_t
    if [ $1 = tick ] && [ "$_want" = "$_have" ] && [ "$_lease" ]; then _alive || { [ -z "$_lease" ] && _put $_want; }
    else _put $_want; fi
    if [ $? = 0 ]; then
      [ "$_want.$_said" = "$_have." ] || echo "status $_want at http://$_good: $_key"
      _have=$_want _said=
      _x="ok $_want $_at"
    else
      set -- $_why
      [ "$_said" ] || printf '%.300s\\n' "failed: $*"
      _said=1
      _x="failed $_want $_at $(printf '%.300s' "$*")"
      [ "$_armed" ] || { _armed=1; { sleep $_retry; echo retry >&3; } & }
    fi
    printf '%s\\n' "$_x" >"$_f.new" && mv "$_f.new" "$_f.state"
  }
  _begin() {
    _f=$_dir/$_me _again=
    [ ! -e "$_dir/state" ] || while read -r _x _y _z _w _v; do
      case $_x.$_w.$_y in $_me.0.backoff|$_me.[1-9]*) _again=1 ;; esac
    done <"$_dir/state"
    [ "$_again" ] || rm -f "$_f.wanted" "$_f.events" "$_f.state"
    [ -p "$_f.events" ] || mkfifo -m 600 "$_f.events" || exit
    exec 3<>"$_f.events"
    { while sleep $_refresh; do echo tick; done >&3; } &
  }
`);

const main = compact(`
  _lease= _have= _good= _said= _armed= _at=0
  _pick $_tools || :
  _begin
  _serve now
  while read -r _l <&3; do
    case $_l in
    tick) _serve tick ;;
    retry) _armed=; _serve tick ;;
    *) [ "$_l" -le $_at ] || _serve now ;;
    esac
  done
`);

/** The agent: what it is told of its registration (see `registryAgent`), then its fixed part. */
export const agentScript = (lines: readonly string[]): string =>
  ['set -fu', commonScript, pickScript, postScript, ...lines, asking, writing, serving, main, ''].join('\n');
