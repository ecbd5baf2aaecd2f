import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { clusterMarker } from './environment.js';

/** Reads until its input ends, which it does however this process ends; then kills and removes what is left. */
const script = `
trap '' HUP INT TERM
while read -r line; do :; done
tries=0
while [ "$tries" -lt 100 ]; do
  tries=$((tries + 1))
  files=$(grep -ls -- "$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -n "$files" ] || break
  for file in $files; do
    pid=\${file#/proc/}
    kill -9 "\${pid%/environ}" 2>/dev/null
  done
done
rm -rf -- "$2"
`;

/** Watches over a cluster's processes and folder from a process of its own. */
export interface Reaper {
  /** Kills what is left of the cluster and removes its folder. */
  reap(): Promise<void>;
}

/**
 * Starts the reaper. It acts also when this process is killed or crashes, since the pipe between the two then closes.
 * It is in a session of its own, so that Ctrl-C in a terminal does not reach it.
 */
export function startReaper(clusterId: string, folder: string): Reaper {
  const child = spawn('/bin/sh', ['-c', script, 'youzan-kube-reaper', `${clusterMarker}=${clusterId}`, folder], {
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const closed = once(child, 'close');
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return {
    async reap() {
      child.ref();
      child.stdin.end();
      await closed;
    },
  };
}
