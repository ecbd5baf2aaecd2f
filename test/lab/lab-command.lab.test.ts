import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { leftovers } from './lab/leftovers.js';
import { readRecord, type Made } from './lab/record.js';
import { isAlive, signalProcess } from './processes/identity.js';
import { run } from './processes/run.js';
import type { LabStatus } from './standing/status.js';
import { openTerminal, type Terminal } from './standing/terminal.js';

const deadlineMs = 120_000;
/** The labs of these tests are nobody else's: what is up on this machine for people stays up. */
const place = mkdtempSync(join(tmpdir(), 'youzan-kube-lab-command-'));
const env = { ...process.env, TMPDIR: place, SHELL: '/bin/sh' };
const terminals: Terminal[] = [];
const open = (command: string): Terminal => {
  const terminal = openTerminal(command, env);
  terminals.push(terminal);
  return terminal;
};
const lab = (...args: readonly string[]): Promise<string> =>
  run(['npm', 'run', '--silent', 'lab', '--', ...args], { deadlineMs, env });

type Process = Made & { readonly kind: 'process' };
const processesOf = (folder: string): readonly Process[] =>
  readRecord(join(folder, 'record.jsonl')).filter((made): made is Process => made.kind === 'process');

/** Processes that were started in a terminal of these tests, or by one that was. */
const startedHere = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TMPDIR=${place}`);
    } catch {
      return false;
    }
  });

/** So that to find nothing afterwards says something. */
function expectUp(folder: string, processes: readonly Process[]): void {
  expect(processes.filter(isAlive)).not.toEqual([]);
  expect(leftovers(folder)).not.toEqual([]);
  expect(startedHere()).not.toEqual([]);
}

async function expectNothingLeft(folder: string, processes: readonly Process[]): Promise<void> {
  expect(processes.filter(isAlive)).toEqual([]);
  expect(leftovers(folder)).toEqual([]);
  // The kernel takes a moment for those that a killed parent leaves.
  await expect.poll(startedHere, { timeout: 5_000 }).toEqual([]);
}

afterAll(() => rmSync(place, { recursive: true }));

describe('npm run lab', { timeout: 300_000 }, () => {
  afterEach(async () => {
    for (const terminal of terminals.splice(0)) terminal.kill();
    // Of a test that failed.
    await lab('down');
  });

  it('says that no lab is up, and how to start one', async () => {
    for (const command of ['status', 'shell'])
      await expect(lab(command)).rejects.toThrow(
        /no lab is up\n {2}start one, in a terminal of its own: npm run lab -- up/,
      );
    expect(await lab('down')).toBe('lab: no lab is up: nothing to do\n');
  });

  it('up: two clusters of two nodes, which status and a shell know, until down', async () => {
    const terminal = open('npm run lab -- up');
    const folder = await terminal.until(/starting two clusters in (\S+)/, deadlineMs);
    await terminal.until(/lab: up in \S+ s/, deadlineMs);

    const status = JSON.parse(await lab('status', '--json')) as LabStatus;
    expect(status.folder).toBe(folder);
    expect(status.clusters.map(({ name, nodes }) => [name, nodes.map((node) => [node.name, node.ready])])).toEqual([
      [
        'bc-a',
        [
          ['bc-a-1', true],
          ['bc-a-2', true],
        ],
      ],
      [
        'bc-b',
        [
          ['bc-b-1', true],
          ['bc-b-2', true],
        ],
      ],
    ]);
    for (const { processes } of status.clusters) {
      expect(processes.map(({ name }) => name.split(' ').at(-1))).toEqual(
        expect.arrayContaining(['etcd', 'kube-apiserver', 'kube-scheduler', 'kubelet', 'containerd', 'kube-proxy']),
      );
      expect(processes.filter(({ running }) => !running)).toEqual([]);
    }
    const sum = status.clusters.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
    expect(sum).toBeGreaterThan(400e6);
    expect(status.memoryBytes).toBeGreaterThan(sum);

    const script = 'kubectl config get-contexts -o name; kubectl --context bc-b get nodes -o name';
    expect(await lab('shell', '-c', script)).toBe('bc-a\nbc-b\nnode/bc-b-1\nnode/bc-b-2\n');
    await expect(lab('up')).rejects.toThrow(/a lab is up already: process \d+, .*\n {2}use it: npm run lab -- shell/);

    const processes = processesOf(folder);
    expect(await lab('down')).toMatch(/^lab: ending the lab of process \d+\nlab: down\n$/);
    expect(await terminal.ended).toBe(0);
    await expectNothingLeft(folder, processes);
  });

  it('up, ended by Ctrl-C while nodes start: leaves nothing', async () => {
    const terminal = open('npm run lab -- up');
    const folder = await terminal.until(/starting two clusters in (\S+)/, deadlineMs);
    await terminal.until(/bc-[ab]: up in/, deadlineMs);
    const processes = processesOf(folder);
    expectUp(folder, processes);
    terminal.pressCtrlC();
    await terminal.ended;
    await expectNothingLeft(folder, processes);
    expect(terminal.printed()).toMatch(/lab: down in \S+ s/);
  });

  it('up, killed: status says that it has died and what to do, and down does it', async () => {
    const terminal = open('npm run lab -- up');
    const folder = await terminal.until(/starting two clusters in (\S+)/, deadlineMs);
    await terminal.until(/2 nodes ready/, deadlineMs);
    const processes = processesOf(folder);
    const { pid, startTicks } = JSON.parse(await run(['cat', join(folder, 'owner.json')])) as Process;
    signalProcess({ pid, startTicks }, 'SIGKILL');
    await terminal.ended;
    expect(existsSync(folder)).toBe(true);
    await expect(lab('status')).rejects.toThrow(
      new RegExp(`no lab is up; one has died: its process ${pid} is gone, ${folder} is left\n.*npm run lab -- down`),
    );
    expect(await lab('down')).toContain(`took away what a dead lab left: ${folder}`);
    await expectNothingLeft(folder, processes);
  });
});

describe('npm run test:lab', { timeout: 300_000 }, () => {
  it('ended by Ctrl-C: leaves nothing', async () => {
    const terminal = open('npm run test:lab -- lab/nodes.lab');
    const folder = await terminal.until(/its files are in (\S+)/, deadlineMs);
    await terminal.until(/2 nodes ready/, deadlineMs);
    const processes = processesOf(folder);
    expectUp(folder, processes);
    terminal.pressCtrlC();
    await terminal.ended;
    await expectNothingLeft(folder, processes);
  });
});
