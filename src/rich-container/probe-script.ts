import { compact } from './script-text.js';

/**
 * Programs that can make an HTTP request, in the order of preference: first those that start fast, then the kinds'
 * runtimes.
 */
export const httpTools: readonly string[] = ['curl', 'wget', 'nc', 'bash', 'node', 'python3', 'python', 'php'];
/** Programs that can open a connection, in the order of preference. */
export const tcpTools: readonly string[] = ['bash', 'nc', 'node', 'python3', 'python', 'php', 'curl'];

/** `yk_pick TOOL…`: the first of the programs that exists, in `yk_tool`; fails when none does. */
export const pickScript = compact(`
  yk_pick() { for yk_tool; do command -v "$yk_tool" >/dev/null 2>&1 && return; done; yk_tool=; return 1; }
`);

/**
 * `yk_http PORT PATH SECONDS`: GET with `$yk_tool` at `$YOUZAN_HOST`. The status goes to `yk_s`, 000 when there was no
 * answer, and the body, or the error, to `yk_b`.
 */
export const httpScript = compact(`
  yk_cr=$(printf '\\r')
  yk_raw() {
    case $1 in
    HTTP/1.?' '*) yk_s=\${1#* } yk_b=\${1#*"$yk_cr$yk_nl$yk_cr$yk_nl"}; yk_s=\${yk_s%"\${yk_s#???}"} ;;
    *) yk_s=000 yk_b=\${1:-no answer} ;;
    esac
  }
  yk_http() {
    yk_u=$yk_host
    case $yk_u in *:*) yk_u="[$yk_u]" ;; esac
    yk_u=$yk_u:$1
    case $yk_tool in
    curl)
      yk_b=$(curl -sS -g --noproxy '*' -m "$3" -w 'yk-status=%{http_code}' "http://$yk_u$2" 2>&1)
      yk_x=\${yk_b##*yk-status=}
      yk_s=\${yk_x%"\${yk_x#???}"}
      yk_b=\${yk_b%yk-status=*}\${yk_x#???} ;;
    wget)
      if wget --version >/dev/null 2>&1; then
        yk_b=$(timeout "$3" wget -nv --no-proxy --save-headers --content-on-error --max-redirect=0 -t 1 -O - "http://$yk_u$2" 2>&1)
        case $yk_b in *HTTP/1.?' '*) yk_raw "HTTP/1.\${yk_b#*HTTP/1.}" ;; *) yk_raw "$yk_b" ;; esac
      elif yk_b=$(timeout "$3" wget -q -Y off -O - "http://$yk_u$2" 2>&1); then
        yk_s=200
      else
        case $yk_b in *HTTP/1.?' '[1-5]*) yk_b=\${yk_b#*HTTP/1.? } yk_s=\${yk_b%"\${yk_b#???}"} ;; *) yk_s=000 yk_b=\${yk_b:-no answer} ;; esac
      fi ;;
    nc) yk_raw "$(printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "$2" "$yk_u" | timeout "$3" nc "$yk_host" "$1" 2>&1)" ;;
    bash) yk_raw "$(timeout "$3" bash -c 'exec 9<>"/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n" "$2" "$3" >&9 && while IFS= read -r l <&9 || [ -n "$l" ]; do echo "$l"; done' "$yk_host" "$1" "$2" "$yk_u" 2>&1)" ;;
    node) yk_runtime "$3" node -e 'const [host,port,path]=process.argv.slice(1);require("http").get({host,port,path},r=>{process.stdout.write(r.statusCode+"\\n");r.pipe(process.stdout)}).on("error",e=>console.log("000\\n"+e.message))' "$yk_host" "$1" "$2" ;;
    python*) yk_runtime "$3" "$yk_tool" -c 'import sys
  try: from http.client import HTTPConnection as C
  except ImportError: from httplib import HTTPConnection as C
  try:
  ▸c=C(sys.argv[1],int(sys.argv[2]));c.request("GET",sys.argv[3]);r=c.getresponse();print("%d\\n%s"%(r.status,r.read().decode("utf8","replace")))
  except Exception as e: print("000\\n%s"%e)' "$yk_host" "$1" "$2" ;;
    php) yk_runtime "$3" php -r 'error_reporting(0);$b=file_get_contents("http://$argv[1]$argv[2]",false,stream_context_create(["http"=>["ignore_errors"=>true,"follow_location"=>0]]));$h=explode(" ",isset($http_response_header)?$http_response_header[0]:"x 000");echo $h[1],"\\n",$b===false?error_get_last()["message"]:$b;' -- "$yk_u" "$2" ;;
    esac
  }
  yk_runtime() {
    yk_x=$1; shift
    yk_b=$(timeout "$yk_x" "$@" 2>&1) || yk_b="000\${yk_nl}\${yk_b:-no answer}"
    yk_s=\${yk_b%%"$yk_nl"*} yk_b=\${yk_b#*"$yk_nl"}
  }
`).replaceAll('▸', ' ');

/** `yk_tcp PORT SECONDS`: opens a connection to `$YOUZAN_HOST` with `$yk_tool`; prints why it could not. */
export const tcpScript = compact(`
  yk_tcp() {
    case $yk_tool in
    bash) timeout "$2" bash -c ': <>"/dev/tcp/$0/$1"' "$yk_host" "$1" ;;
    nc) if nc -h 2>&1 | grep -q -e '-z'; then nc -z -w "$2" "$yk_host" "$1"; else timeout "$2" nc "$yk_host" "$1" </dev/null; fi ;;
    node) timeout "$2" node -e 'require("net").connect(process.argv[2],process.argv[1]).on("connect",()=>process.exit(0)).on("error",e=>{console.log(e.message);process.exit(1)})' "$yk_host" "$1" ;;
    python*) timeout "$2" "$yk_tool" -c 'import sys,socket;socket.create_connection((sys.argv[1],int(sys.argv[2])))' "$yk_host" "$1" 2>&1 | { yk_x=; while read -r yk_l; do yk_x=$yk_l; done; [ -z "$yk_x" ] || { echo "$yk_x"; false; }; } ;;
    php) timeout "$2" php -r 'exit(@fsockopen($argv[1],(int)$argv[2],$n,$m)?0:(print $m)||1);' -- "$yk_host" "$1" ;;
    curl) timeout "$2" curl -sS "telnet://$yk_host:$1" </dev/null ;;
    esac
  }
`);
