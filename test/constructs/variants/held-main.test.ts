import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { heldMain } from '../../../constructs/variants/held-main.js';
import type { AppCommand } from '../../../src/app-yaml/index.js';
import { renderEntrypoint } from '../../../src/rich-container/index.js';
import { Pod, type Running, shells, waitUntil } from '../../rich-container/pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

/** Traces its start and its TERM, and ends then with 7. */
const patient: AppCommand = {
  shell: `echo "$POD_UID|app|up" >>"$YOUZAN_TRACE"; trap 'echo "$POD_UID|app|term" >>"$YOUZAN_TRACE"; exit 7' TERM; while :; do sleep 0.1; done`,
};

describe.each(shells)('the business process of a debug release under $name', (shell) => {
  function run(command: AppCommand, main: 'held' | 'started'): { pod: Pod; running: Running } {
    const pod = new Pod(shell);
    pods.push(pod);
    const held = heldMain(command, main);
    const script = 'shell' in held ? held.shell : '';
    const processes = [
      { name: 'agent', command: ['sleep', '600'] },
      { name: 'app', main: true as const, command: [...shell.command, '-c', script], after: ['agent'] },
    ];
    const env = { POD_NAMESPACE: 'trade', POD_NAME: 'trade-core-debug-x' };
    return { pod, running: pod.start(renderEntrypoint({ processes, graceSeconds: 10 }), { env }) };
  }
  const start = ({ stateDir }: Pod): void => writeFileSync(join(stateDir, 'start'), '');

  it('is held while its helpers run, and its log has the command that starts it', async () => {
    const { pod, running } = run(['touch', '$never'], 'held');
    const command = `kubectl exec -n trade trade-core-debug-x -- touch ${pod.stateDir}/start`;
    await waitUntil('the hint', () => running.stdout.includes(`app is held; start it by: ${command}\n`));
    await waitUntil('the helper', () => pod.lineOf('agent')?.state === 'ready');
    expect(existsSync(join(pod.folder, '$never'))).toBe(false);
  });

  it('starts when a person says so, and is held again after its end, with its exit code', async () => {
    const { pod, running } = run({ shell: 'echo "$POD_UID|app|ran" >>"$YOUZAN_TRACE"; exit 3' }, 'held');
    await waitUntil('the hint', () => running.stdout.includes('app is held'));
    start(pod);
    await waitUntil('its end', () => running.stdout.includes('app has ended with exit code 3; start it again by:'));
    expect(existsSync(join(pod.stateDir, 'start'))).toBe(false);
    start(pod);
    await waitUntil('a second run', () => pod.trace().filter((event) => event === 'app ran').length === 2);
    expect(pod.lineOf('entrypoint')).toMatchObject({ state: 'running', restarts: 0 });
  });

  it('starts at once where that is asked for, and is held after its end', async () => {
    const { pod, running } = run({ shell: 'exit 5' }, 'started');
    await waitUntil('its end', () => running.stdout.includes('app has ended with exit code 5'));
    expect(running.stdout).not.toContain('app is held');
    await waitUntil('the app to count as ready', () => pod.lineOf('app')?.state === 'ready');
    expect(pod.lineOf('app')?.restarts).toBe(0);
  });

  it('ends at TERM while it is held', async () => {
    const { running } = run(['true'], 'held');
    await waitUntil('the hint', () => running.stdout.includes('app is held'));
    running.kill('SIGTERM');
    expect(await running.exit).toBe(143);
  });

  it('hands TERM to the app that it has started, once, and ends with its code', async () => {
    const { pod, running } = run(patient, 'started');
    await pod.traced('app up');
    running.kill('SIGTERM');
    expect(await running.exit).toBe(7);
    expect(pod.trace().filter((event) => event === 'app term')).toHaveLength(1);
  });

  it('takes a program for a program, whatever the shell has of that name', async () => {
    const { running } = run(['if', 'a b'], 'started');
    await waitUntil('its end', () => /app has ended with exit code 12[67]/.test(running.stdout));
  });
});
