import { afterEach, describe, expect, it } from 'vitest';
import { exitCodes, renderEntrypoint, type ProcessSpec } from '../../src/rich-container/index.js';
import { Pod, shells, waitUntil } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

const app: ProcessSpec = { name: 'app', main: true, command: ['sleep', '600'], after: ['agent'] };
const agentWith = (shell: string, deadlineSeconds: number): ProcessSpec => ({
  name: 'agent',
  command: ['sleep', '600'],
  ready: { type: 'exec', command: { shell }, deadlineSeconds },
});

describe.each(shells)('an exec gate under $name', (shell) => {
  it('ends at its deadline with all that it started', async () => {
    const pod = new Pod(shell);
    pods.push(pod);
    const running = pod.start(
      renderEntrypoint({ processes: [app, agentWith('sleep 60; true', 0.3)], graceSeconds: 5 }),
    );
    expect(await running.exit).toBe(exitCodes.gateFailed.code);
    expect(pod.read('termination-log')).toContain('last: killed after 1 s');
    await waitUntil('no process left', () => pod.processes().length === 0);
  });

  it('passes at once although it leaves a process behind, which ends with it', async () => {
    const pod = new Pod(shell);
    pods.push(pod);
    const gate = 'sleep 60 & echo $! >"$DIR/left"';
    const running = pod.start(renderEntrypoint({ processes: [app, agentWith(gate, 30)], graceSeconds: 5 }));
    await waitUntil('app', () => pod.lineOf('app')?.state === 'ready');
    const left = pod.read('left').trim();
    await waitUntil('the end of what was left', () => !pod.processes().includes(left));
    running.kill('SIGTERM');
    expect(await running.exit).toBe(143);
  });
});
