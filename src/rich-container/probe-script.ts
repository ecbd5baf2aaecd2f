import { commonScript, compact } from './script-text.js';

/**
 * Programs that can make an HTTP request, in the order of preference: first those that start fast, then the kinds'
 * runtimes.
 */
export const httpTools: readonly string[] = ['curl', 'wget', 'nc', 'bash', 'node', 'python3', 'python', 'php'];
/** Programs that can open a connection, in the order of preference. */
export const tcpTools: readonly string[] = ['bash', 'nc', 'node', 'python3', 'python', 'php', 'curl'];

/** `_pick TOOL…`: the first of the programs that exists, in `_tool`; fails when none does. */
export const pickScript = compact(`
  _pick() { for _tool; do command -v "$_tool" >/dev/null 2>&1 && return; done; _tool=; return 1; }
`);

/**
 * What nc must have open beside its input (`nc … 9>/dev/$_x`), so that it reads the whole answer. busybox's nc ends its half
 * of the connection with its input, and a Go server (etcd is one) takes that for a caller who left, unless its answer is out
 * already. So it holds the writing end of its own input. Others wait by themselves; openbsd's would wait on.
 */
export const holdingScript = '_x=null; case $(nc --help 2>&1) in BusyBox*) _x=stdin ;; esac';

/**
 * `_http PORT PATH SECONDS`: GET with `$_tool` at `$YOUZAN_HOST`. The status goes to `_s`, 000 when there was no
 * answer, and the body, or the error, to `_b`.
 */
export const httpScript = compact(`
  _cr=$(printf '\\r') _get='GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n'
  _raw() {
    case $1 in
    HTTP/1.?' '*) _s=\${1#* } _b=\${1#*"$_cr$_nl$_cr$_nl"}; _s=\${_s%"\${_s#???}"} ;;
    *) _s=000 _b=\${1:-no answer} ;;
    esac
  }
  _http() {
    _u=$_host _s=000 _b='no program in the image can ask'
    case $_u in *:*) _u="[$_u]" ;; esac
    _u=$_u:$1
    case $_tool in
    curl)
      _b=$(curl -sS -g --noproxy '*' -m "$3" -w 'yk=%{http_code}' "http://$_u$2" 2>&1)
      _x=\${_b##*yk=}
      _s=\${_x%"\${_x#???}"}
      _b=\${_b%yk=*}\${_x#???} ;;
    wget)
      if wget --version >/dev/null 2>&1; then
        # It writes no headers of a 204.
        _b=$(timeout "$3" wget -nv --no-proxy --save-headers --content-on-error --max-redirect=0 -t 1 -O - "http://$_u$2" 2>&1) && _x=204 || _x=
        case $_x$_b in *HTTP/1.?' '*) _raw "HTTP/1.\${_b#*HTTP/1.}"; _b=\${_b%"http://$_u$2:$_nl"*} ;; 204*) _s=204 ;; *) _raw "$_b" ;; esac
      elif _b=$(timeout "$3" wget -q -Y off -O - "http://$_u$2" 2>&1); then
        _s=200
      else
        case $_b in *HTTP/1.?' '[1-5]*) _b=\${_b#*HTTP/1.? } _s=\${_b%"\${_b#???}"} _b=\${_b#???} ;; *) _s=000 _b=\${_b:-no answer} ;; esac
      fi ;;
    nc)
      ${holdingScript}
      _raw "$(printf "$_get" "$2" "$_u" | timeout "$3" nc "$_host" "$1" 9>/dev/$_x 2>&1)" ;;
    bash) _raw "$(timeout "$3" bash -c 'exec 9<>"/dev/tcp/$0/$1" && printf "$4" "$2" "$3" >&9 && while IFS= read -r l <&9 || [ -n "$l" ]; do echo "$l"; done' "$_host" "$1" "$2" "$_u" "$_get" 2>&1)" ;;
    node) _runtime "$3" node -e '[,host,port,path]=process.argv;require("http").get({host,port,path},r=>{console.log(r.statusCode);r.pipe(process.stdout)}).on("error",e=>console.log("000\\n"+e.message))' "$_host" "$1" "$2" ;;
    python*) _runtime "$3" "$_tool" -c 'import sys
  try: from http.client import HTTPConnection as C
  except ImportError: from httplib import HTTPConnection as C
  try:
  ▸c=C(sys.argv[1],int(sys.argv[2]));c.request("GET",sys.argv[3]);r=c.getresponse();print("%d\\n%s"%(r.status,r.read().decode("utf8","replace")))
  except Exception as e: print("000\\n%s"%e)' "$_host" "$1" "$2" ;;
    php) _runtime "$3" php -r 'error_reporting(0);$b=file_get_contents("http://$argv[1]$argv[2]",false,stream_context_create(["http"=>["ignore_errors"=>true,"follow_location"=>0]]));echo isset($http_response_header)?substr($http_response_header[0],9,3):"000","\\n",$b===false?error_get_last()["message"]:$b;' -- "$_u" "$2" ;;
    esac
  }
  _runtime() {
    _x=$1; shift
    _b=$(timeout "$_x" "$@" 2>&1) || _b="000\${_nl}\${_b:-no answer}"
    _s=\${_b%%"$_nl"*} _b=\${_b#*"$_nl"}
  }
`).replaceAll('▸', ' ');

/** `_tcp PORT SECONDS`: opens a connection to `$YOUZAN_HOST` with `$_tool`; prints why it could not. */
export const tcpScript = compact(`
  _tcp() {
    case $_tool in
    bash) timeout "$2" bash -c ': <>"/dev/tcp/$0/$1"' "$_host" "$1" ;;
    nc) if nc -h 2>&1 | grep -q -e '-z'; then nc -z -w "$2" "$_host" "$1"; else timeout "$2" nc "$_host" "$1" </dev/null; fi ;;
    node) timeout "$2" node -e 'require("net").connect(process.argv[2],process.argv[1]).on("connect",()=>process.exit(0)).on("error",e=>{console.log(e.message);process.exit(1)})' "$_host" "$1" ;;
    python*) timeout "$2" "$_tool" -c 'import sys,socket;socket.create_connection((sys.argv[1],int(sys.argv[2])))' "$_host" "$1" 2>&1 | { _x=; while read -r _l; do _x=$_l; done; [ -z "$_x" ] || { echo "$_x"; false; }; } ;;
    php) timeout "$2" php -r 'exit(@fsockopen($argv[1],(int)$argv[2],$n,$m)?0:(print $m)||1);' -- "$_host" "$1" ;;
    curl)
      # It stays connected until its time is up, whatever it is given: what counts is that it was connected.
      _x=$(curl -sS -m 1 -o /dev/null -w 'yk-time=%{time_connect}' "telnet://$_host:$1" 2>&1 </dev/null)
      case \${_x##*yk-time=} in *[1-9]*) ;; *) echo "\${_x%yk-time=*}"; false ;; esac ;;
    esac
  }
`);

/** What stands at the beginning of every hook, and in the entrypoint once for both. */
export const sharedScript = ['set -fu', commonScript, pickScript, httpScript, ''].join('\n');
