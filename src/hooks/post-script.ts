import { compact } from '../rich-container/index.js';
import { holdingScript } from '../rich-container/probe-script.js';

/**
 * `_post HOST:PORT PATH SECONDS BODY BYTES`: POST with `$_tool`; BYTES is the length of BODY, which is JSON. The status
 * goes to `_s`, 000 when there was no answer, and the body, or the error, to `_b`. Every program prints the answer as it
 * came, head and body, so that it is read in one place. Needs `_nl` and `_tool`.
 */
export const postScript = compact(`
  _cr=$(printf '\\r')
  _post() {
    _h=\${1%:*} _p=\${1##*:} _y='Content-Type: application/json' _b='no program in the image can ask'
    _h=\${_h#[[]} _h=\${_h%]}
    case $_h in *:*) _u="[$_h]:$_p" ;; *) _u=$_h:$_p ;; esac
    case $_tool in
    curl) _b=$(printf %s "$4" | curl -sS -i -g --noproxy '*' -m "$3" -H "$_y" -H Expect: --data-binary @- "http://$_u$2" 2>&1) ;;
    wget)
      if wget --version >/dev/null 2>&1; then
        _b=$(timeout "$3" wget -nv --no-proxy --save-headers --content-on-error --max-redirect=0 -t 1 -O - --header "$_y" --post-data "$4" "http://$_u$2" 2>&1)
      elif _b=$(timeout "$3" wget -q -Y off -O - --header "$_y" --post-data "$4" "http://$_u$2" 2>&1); then
        _b="HTTP/1.0 200$_cr$_nl$_cr$_nl$_b"
      fi
      case $_b in *HTTP/1.?' '[1-5]*) _b=HTTP/1.\${_b#*HTTP/1.} ;; esac ;;
    nc)
      ${holdingScript}
      _b=$(printf 'POST %s HTTP/1.0\\r\\nHost: %s\\r\\n%s\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "$2" "$_u" "$_y" "$5" "$4" | timeout "$3" nc "$_h" "$_p" 9>/dev/$_x 2>&1) ;;
    bash) _b=$(timeout "$3" bash -c 'exec 9<>"/dev/tcp/$0/$1" && printf "POST %s HTTP/1.0\\r\\nHost: %s\\r\\n%s\\r\\nContent-Length: %s\\r\\n\\r\\n%s" "$2" "$3" "$4" "$5" "$6" >&9 && while IFS= read -r l <&9 || [ -n "$l" ]; do echo "$l"; done' "$_h" "$_p" "$2" "$_u" "$_y" "$5" "$4" 2>&1) ;;
    node) _b=$(timeout "$3" node -e 'const [host,port,path,body]=process.argv.slice(1);require("http").request({host,port,path,method:"POST",headers:{"Content-Type":"application/json","Content-Length":Buffer.byteLength(body)}},r=>{process.stdout.write("HTTP/1.1 "+r.statusCode+"\\r\\n\\r\\n");r.pipe(process.stdout)}).on("error",e=>console.log(e.message)).end(body)' "$_h" "$_p" "$2" "$4" 2>&1) ;;
    python*) _b=$(timeout "$3" "$_tool" -c 'import sys,os
  try: from http.client import HTTPConnection as C
  except ImportError: from httplib import HTTPConnection as C
  try:
  ▸b=sys.argv[4] if bytes is str else os.fsencode(sys.argv[4])
  ▸c=C(sys.argv[1],int(sys.argv[2]));c.request("POST",sys.argv[3],b,{"Content-Type":"application/json"});r=c.getresponse();print("HTTP/1.1 %d\\r\\n\\r\\n%s"%(r.status,r.read().decode("utf8","replace")))
  except Exception as e: print(e)' "$_h" "$_p" "$2" "$4" 2>&1) ;;
    php) _b=$(timeout "$3" php -r 'error_reporting(0);$b=file_get_contents("http://$argv[1]$argv[2]",false,stream_context_create(["http"=>["method"=>"POST","header"=>"Content-Type: application/json","content"=>$argv[3],"ignore_errors"=>true,"follow_location"=>0]]));echo isset($http_response_header)?$http_response_header[0]."\\r\\n\\r\\n$b":error_get_last()["message"];' -- "$_u" "$2" "$4" 2>&1) ;;
    esac
    case $_b in
    HTTP/1.?' '*) _s=\${_b#* } _b=\${_b#*"$_cr$_nl$_cr$_nl"}; _s=\${_s%"\${_s#???}"} ;;
    *) _s=000 _b=\${_b:-no answer} ;;
    esac
  }
`).replaceAll('▸', ' ');
