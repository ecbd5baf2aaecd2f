import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startProcess, type LabProcess } from './processes/start.js';
import { waitFor } from './processes/wait.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-lab-wait-'));
const started: LabProcess[] = [];
const run = (name: string, script: string): LabProcess => {
  const process = startProcess({ name, command: ['sh', '-c', script], logFile: join(folder, `${name}.log`) });
  started.push(process);
  return process;
};

describe('a wait', () => {
  afterAll(async () => {
    await Promise.all(started.map((process) => process.kill()));
    rmSync(folder, { recursive: true });
  });

  it('gives what it has waited for', async () => {
    let looks = 0;
    const look = (): Promise<number | false> => Promise.resolve((looks += 1) > 2 && looks);
    expect(await waitFor('the third look', look, { deadlineMs: 5_000, everyMs: 1 })).toBe(3);
  });

  it('ends at its deadline with what it waited for, the last error and the last lines of the log', async () => {
    const process = run('talker', 'echo "can not bind"; sleep 60');
    await expect.poll(() => process.lastLines()).toBe('can not bind');
    const wait = waitFor('the answer', () => Promise.reject(new Error('connection refused')), {
      deadlineMs: 50,
      everyMs: 5,
      processes: [process],
    });
    await expect(wait).rejects.toThrow(
      /^waited for: the answer; not within 0.05 s\nlast error: connection refused\n--- talker, running; .*talker\.log:\ncan not bind$/,
    );
  });

  it('ends at its deadline when what it asks never answers', async () => {
    const never = (): Promise<boolean> => new Promise(() => undefined);
    await expect(waitFor('the silent', never, { deadlineMs: 50 })).rejects.toThrow(
      'waited for: the silent; not within 0.05 s\nthe last look had no answer',
    );
  });

  it('keeps the last error when the look after it never answers', async () => {
    let looks = 0;
    const look = (): Promise<boolean> =>
      (looks += 1) === 1 ? Promise.reject(new Error('connection refused')) : new Promise(() => undefined);
    await expect(waitFor('the silent', look, { deadlineMs: 50, everyMs: 1 })).rejects.toThrow(
      'waited for: the silent; not within 0.05 s\nthe last look had no answer\nlast error: connection refused',
    );
  });

  it('ends as soon as the process that it depends on has ended', async () => {
    const process = run('short-lived', 'echo "no such flag"; exit 3');
    const look = (): Promise<boolean> => Promise.resolve(false);
    await expect(waitFor('it is ready', look, { deadlineMs: 60_000, processes: [process] })).rejects.toThrow(
      /short-lived ended with code 3[^]*no such flag/,
    );
  });
});
