// The containers of one pod share the state directory: each entrypoint has a folder of its own there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseState, renderEntrypoint, stateFiles, type StateLine } from '../../src/rich-container/index.js';
import { Pod, shells, waitUntil } from './pod.js';

const pods: Pod[] = [];
afterEach(() => {
  for (const pod of pods.splice(0)) pod.dispose();
});

const folder = 'helpers/agent';
const ready = { type: 'file', path: 'agent.ok', deadlineSeconds: 60 } as const;
const app = renderEntrypoint({
  processes: [{ name: 'app', main: true, command: ['sleep', '600'] }],
  graceSeconds: 5,
});
const agent = renderEntrypoint({
  processes: [{ name: 'agent', main: true, command: ['sleep', '600'], ready }],
  graceSeconds: 5,
  folder,
});

describe.each(shells)('an entrypoint with a folder of its own under $name', (shell) => {
  it('lives in one state directory with another one, which it neither changes nor ends', async () => {
    const pod = new Pod(shell);
    pods.push(pod);
    const file = join(pod.stateDir, folder, stateFiles.state);
    const state = (): StateLine[] => (existsSync(file) ? parseState(readFileSync(file, 'utf8')) : []);
    const status = (): number | null => spawnSync('sh', [join(pod.stateDir, folder, stateFiles.status)]).status;

    const helper = pod.start(agent);
    await waitUntil('the agent', () => state().some(({ name, state }) => name === 'agent' && state === 'starting'));
    const main = pod.start(app);
    await waitUntil('the app', () => pod.lineOf('entrypoint')?.state === 'running');
    expect(status()).toBe(1);

    writeFileSync(join(pod.stateDir, ready.path), '');
    await waitUntil('ready', () => status() === 0);
    expect(state().map(({ name }) => name)).toEqual(['entrypoint', 'agent']);
    expect(pod.state().map(({ name }) => name)).toEqual(['entrypoint', 'app']);

    main.kill('SIGTERM');
    expect(await main.exit).toBe(143);
    expect(status()).toBe(0);
    helper.kill('SIGTERM');
    expect(await helper.exit).toBe(143);
  });
});
