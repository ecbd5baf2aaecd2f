import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes, renderEntrypoint } from '../../src/rich-container/index.js';
import { canUnshare, Pod, shells, waitUntil, which } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

const unprivileged = which('setpriv') !== undefined && process.getuid?.() === 0;
if (!unprivileged) console.warn('skipped without root: to give root up takes root, and setpriv');

/** Only the pod's folder can be written, and by nobody that is root. */
const restricted =
  'mount --bind "$DIR" "$DIR" && mount -o remount,bind,ro / && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"';

describe.runIf(canUnshare && unprivileged).each(shells)('without root, on a read-only root, under $name', (shell) => {
  function start(env: Readonly<Record<string, string>> = {}) {
    const pod = new Pod(shell);
    pods.push(pod);
    chmodSync(pod.folder, 0o777);
    const script = renderEntrypoint({
      processes: [
        { name: 'agent', command: ['sleep', '600'], ready: { type: 'file', path: 'ok', deadlineSeconds: 20 } },
        {
          name: 'app',
          main: true,
          command: { shell: 'id -u >"$DIR/user"; touch /file; sleep 600' },
          after: ['agent'],
        },
      ],
      graceSeconds: 5,
    });
    return { pod, running: pod.start(script, { env, pid1: true, before: restricted }) };
  }

  it('an entrypoint starts, asks its gates and stops as elsewhere', async () => {
    const { pod, running } = start();
    await waitUntil('the agent', () => pod.lineOf('agent')?.state === 'starting');
    const touch = pod.start('touch "$YOUZAN_STATE_DIR/ok"');
    expect(await touch.exit).toBe(0);
    await waitUntil('the app', () => pod.read('user') !== '' && running.stderr.includes('Read-only file system'));
    expect(pod.read('user')).toBe('65534\n');
    running.kill('SIGTERM');
    expect(await running.exit).toBe(143);
  });

  it('an entrypoint without a place for its state says what to do', async () => {
    const { pod, running } = start({ YOUZAN_STATE_DIR: '/tmp/none' });
    expect(await running.exit).toBe(exitCodes.stateDirectory.code);
    expect(pod.read('termination-log')).toBe(
      'the state directory /tmp/none can not be written; mount an emptyDir and set YOUZAN_STATE_DIR to it\n',
    );
  });
});
