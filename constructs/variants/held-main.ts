import type { AppCommand } from '../../src/app-yaml/index.js';
import { commandWords, compact } from '../../src/rich-container/index.js';
import { mainName } from '../pod/main-name.js';

/** In the state directory: who makes it starts the business process of a debug release. */
const startFile = 'start';

/**
 * TERM reaches the app, or the sleep, by their process group: the trap only has this shell end after them, not before. The
 * app's signals are its own again, and its name is no word of the shell, since `exec` runs it.
 */
const holdScript = compact(`
  _ended= _start=\${YOUZAN_STATE_DIR:-/tmp/youzan}/${startFile}
  trap '_ended=1' TERM INT QUIT
  trap : HUP USR1 USR2
  rm -f "$_start"
  _hold() {
    echo "${mainName} $1: kubectl exec -n \${POD_NAMESPACE:-default} \${POD_NAME:-POD} -- touch $_start"
    until [ -e "$_start" ]; do [ -z "$_ended" ] || exit 143; sleep 1; done
    rm -f "$_start"
  }
`);

/**
 * The business process of a debug release: it waits until a person starts it, or starts at once, and after its end it waits
 * again. So the container stays, whatever becomes of the app.
 */
export function heldMain(command: AppCommand, main: 'held' | 'started'): AppCommand {
  const lines = [
    holdScript,
    ...(main === 'held' ? ["_hold 'is held; start it by'"] : []),
    'while :; do',
    `(exec ${commandWords(command)})`,
    '_code=$?',
    '[ -z "$_ended" ] || exit $_code',
    '_hold "has ended with exit code $_code; start it again by"',
    'done',
  ];
  return { shell: lines.join('\n') };
}
