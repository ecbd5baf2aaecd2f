#!/bin/sh
# Starts the yz7 reference gateway in the foreground: renders nginx.conf and becomes nginx's master process.
# TERM ends it, QUIT ends it when its requests are done, HUP makes it read its configuration and tokens again.
set -eu

usage() {
  cat <<'USAGE'
usage: start.sh --idc IDC --tokens FILE --dir DIR [OPTION...]
  --idc IDC              IDC whose servers are chosen first
  --tokens FILE          [{"token": "…", "sources": ["k8s.bc.*"]}]; "*" may write everything
  --dir DIR              folder for the store, the configuration and the logs
  --name NAME            the instance's name (yz7)
  --host ADDRESS         address to listen on (127.0.0.1)
  --admin-port PORT      port of the admin API (9180)
  --data-port PORT       port of the reverse proxy (8080)
  --workers COUNT        worker processes (2)
  --state SIZE           shared memory of the live state (128m)
  --body-limit BYTES     largest body of an admin request (4194304)
  --max-pending COUNT    writes that may wait in a worker before others get 429 (1000)
  --compact BYTES        size of the log at which it becomes a snapshot (8388608)
  --user USER            user of the workers when root starts it; the store is given to it (root)
  --measure              count answers by status, and allow lb ewma; costs some CPU for each request
  --render-only          write the configuration and stop
USAGE
}

fail() {
  echo "yz7-nginx: $1" >&2
  exit 1
}

home=$(cd "$(dirname "$0")" && pwd)
modules=${NGINX_MODULES:-/usr/lib/nginx/modules}
nginx=${NGINX:-$(command -v nginx || echo /usr/sbin/nginx)}
idc='' tokens='' dir='' name=yz7 host=127.0.0.1 admin_port=9180 data_port=8080 workers=2 state=128m
body_limit=4194304 max_pending=1000 compact=8388608 user='' measure='' render_only=''

while [ $# -gt 0 ]; do
  option=$1
  case $option in
    --help) usage && exit 0 ;;
    --measure) measure=yes && shift && continue ;;
    --render-only) render_only=yes && shift && continue ;;
  esac
  [ $# -ge 2 ] || fail "$option needs a value"
  case $2 in
    *[!A-Za-z0-9._:/@+\[\]-]* | '') fail "$option has the value '$2'; letters, digits and ._:/@+-[] are allowed" ;;
  esac
  case $option in
    --idc) idc=$2 ;;
    --tokens) tokens=$2 ;;
    --dir) dir=$2 ;;
    --name) name=$2 ;;
    --host) host=$2 ;;
    --admin-port) admin_port=$2 ;;
    --data-port) data_port=$2 ;;
    --workers) workers=$2 ;;
    --state) state=$2 ;;
    --body-limit) body_limit=$2 ;;
    --max-pending) max_pending=$2 ;;
    --compact) compact=$2 ;;
    --user) user=$2 ;;
    *) usage >&2 && fail "unknown option $option" ;;
  esac
  shift 2
done

[ -n "$idc" ] && [ -n "$tokens" ] && [ -n "$dir" ] || { usage >&2 && fail '--idc, --tokens and --dir are needed'; }
[ -x "$nginx" ] && [ -f "$modules/ngx_http_lua_module.so" ] ||
  fail 'nginx with Lua is needed; on Debian: apt-get install nginx libnginx-mod-http-lua lua-resty-core lua-cjson'
[ -r "$tokens" ] || fail "the tokens in $tokens can't be read"

umask 077
mkdir -p "$dir/store" "$dir/run"
dir=$(cd "$dir" && pwd)
tokens=$(cd "$(dirname "$tokens")" && pwd)/$(basename "$tokens")
if [ "$(id -u)" = 0 ]; then
  user=${user:-root}
  chown -R "$user" "$dir"
else
  user=''
fi

answers='header_filter_by_lua_block { package.loaded["yz7.data_plane"].answer() }'
[ -n "$measure" ] || answers=''
sed -e "s|@MODULES@|$modules|g" -e "s|@USER@|${user:+user $user;}|" -e "s|@WORKERS@|$workers|" \
  -e "s|@RUN@|$dir/run|g" -e "s|@STORE@|$dir/store|" -e "s|@HOME@|$home|" -e "s|@STATE@|$state|" \
  -e "s|@NAME@|$name|" -e "s|@IDC@|$idc|" -e "s|@TOKENS@|$tokens|" -e "s|@HOST@|$host|" \
  -e "s|@BODY_LIMIT@|$body_limit|g" -e "s|@MAX_PENDING@|$max_pending|" -e "s|@COMPACT@|$compact|" \
  -e "s|@MEASURE@|$answers|" -e "s|@MEASURES@|${measure:+true}|" \
  -e "s|@ADMIN_PORT@|$admin_port|" -e "s|@DATA_PORT@|$data_port|" \
  "$home/nginx.conf.template" > "$dir/run/nginx.conf.new"
mv "$dir/run/nginx.conf.new" "$dir/run/nginx.conf"
[ -z "$render_only" ] || exit 0
exec "$nginx" -p "$dir/run" -c "$dir/run/nginx.conf" -e "$dir/run/error.log"
