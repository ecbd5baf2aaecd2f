import { compact } from './script-text.js';
import { stateFiles } from './state-file.js';

/** The script that the entrypoint leaves in its state directory as `status`; it looks beside itself. */
export const statusScript = compact(`
  form='%-20s %-8s %7s %8s %8s\\n' code=1 now=$(date +%s)
  printf "$form" NAME STATE PID RESTARTS AGE
  while read -r name state pid restarts since; do
    [ $name.$state != entrypoint.running ] || code=0
    printf "$form" $name $state $pid $restarts $((now - since))s
  done <"\${0%/*}/${stateFiles.state}" || exit 1
  exit $code
`);
