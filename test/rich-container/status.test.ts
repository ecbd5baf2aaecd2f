import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { renderEntrypoint, stateFiles, type ProcessSpec } from '../../src/rich-container/index.js';
import { Pod, shells, waitUntil } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

const sleeping = ['sleep', '600'];
const processes: readonly ProcessSpec[] = [
  { name: 'log-agent', command: sleeping },
  { name: 'crashing', command: { shell: 'exit 3' } },
  {
    name: 'app',
    main: true,
    command: sleeping,
    after: ['log-agent'],
    ready: { type: 'file', path: 'warm', deadlineSeconds: 60 },
  },
];

describe.each(shells)('the status under $name', (shell) => {
  function start(): Pod {
    const pod = new Pod(shell);
    pods.push(pod);
    pod.start(renderEntrypoint({ processes, graceSeconds: 5 }));
    return pod;
  }
  /** As `kubectl exec POD -- sh /tmp/youzan/status`, in a shell without the pod's variables. */
  function ask(folder: string): { code: number | null; lines: string[] } {
    const [program, ...args] = [...shell.command, join(folder, stateFiles.status)];
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH } });
    return { code: status, lines: stdout.trimEnd().split('\n') };
  }

  it('is a table of all processes, and is 1 until main is ready and 0 from then on', async () => {
    const pod = start();
    await waitUntil('two restarts', () => pod.lineOf('crashing')?.restarts === 2);
    await waitUntil('a pause', () => pod.lineOf('crashing')?.state === 'backoff');
    const { code, lines } = ask(pod.stateDir);
    const row = (name: string, state: string, restarts: number): string => {
      const pid = String(pod.lineOf(name)?.pid ?? '-');
      return `${name.padEnd(20)} ${state.padEnd(8)} ${pid.padStart(7)} ${String(restarts).padStart(8)}`;
    };
    expect(code).toBe(1);
    expect(lines.map((line) => line.replace(/ +\d+s$/, ''))).toEqual([
      'NAME                 STATE        PID RESTARTS      AGE',
      row('entrypoint', 'starting', 0),
      row('log-agent', 'ready', 0),
      row('crashing', 'backoff', 2),
      row('app', 'starting', 0),
    ]);
    writeFileSync(join(pod.stateDir, 'warm'), '');
    await waitUntil('ready', () => ask(pod.stateDir).code === 0);
    expect(ask(pod.stateDir).lines[1]).toMatch(/^entrypoint +running +\d+ +0 +\d+s$/);
  });

  it('is 1 once main is being stopped', async () => {
    const pod = start();
    await waitUntil('a state file', () => pod.lineOf('app'));
    writeFileSync(join(pod.stateDir, 'warm'), '');
    await waitUntil('ready', () => ask(pod.stateDir).code === 0);
    writeFileSync(join(pod.stateDir, stateFiles.events), 'stop\n');
    await waitUntil('ended', () => pod.lineOf('entrypoint')?.state === 'ended');
    expect(ask(pod.stateDir).code).toBe(1);
  });

  it('is 1 where there is no state', async () => {
    const pod = start();
    await waitUntil('a state file', () => pod.lineOf('app'));
    copyFileSync(join(pod.stateDir, stateFiles.status), join(pod.folder, stateFiles.status));
    expect(ask(pod.folder).code).toBe(1);
  });
});
