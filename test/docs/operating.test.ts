import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { statusText } from '../../src/cli/sync/status.js';
import { syncCommand } from '../../src/cli/sync.js';
import { beginChronicle } from '../../src/k8s-sync/chronicle.js';
import { statusOf } from '../../src/k8s-sync/status.js';
import { Play } from '../k8s-sync/core/play.js';
import { startEmbeddedCluster, startEmbeddedYz7 } from '../../src/testing/index.js';
import { columns, readPage, root, tableOf } from './page.js';

const page = readPage('operating.md');

/** The commands that do something, with their names as they are typed. */
function leavesOf(parent: Command, before = ''): [string, Command][] {
  return parent.commands.flatMap((command): [string, Command][] => {
    const name = `${before}${command.name()}`;
    return command.commands.length === 0 ? [[name, command]] : leavesOf(command, `${name} `);
  });
}

describe('docs/operating.md', () => {
  it('has every command, with what it takes', () => {
    const documented = columns(tableOf(page, 'Operating a syncer'), 0).map(([cell = '']) => cell);
    const built = leavesOf(syncCommand()).map(([name, command]) => {
      const takes = command.registeredArguments.map((argument) => ` <${argument.name()}>`);
      const needs = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => ` ${long ?? ''}`);
      return [name, ...takes, ...needs].join('');
    });
    expect(documented).toEqual(built);
  });

  it('shows no command that there is not', () => {
    const names = syncCommand().commands.map((command) => command.name());
    const shown = [...page.matchAll(/youzan-kube sync ([a-z]+)/g)].map(([, name = '']) => name);
    expect(shown.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('shows the tables of status with the columns that they have', () => {
    const play = Play.live({ a: 'ready' });
    play.see({ a: 'not-ready' });
    play.take({ type: 'traffic', percent: 20 });
    const sources = ['k8s.bc.bc-a', 'k8s.bc.bc-b'].map((source) => ({ source, uid: 'a', state: 'up' }) as const);
    const conflicts = [{ gateway: 'g1', upstream: 'shop.http', address: '10.0.0.1:8030', sources }];
    const text = statusText([statusOf(play.state, beginChronicle(play.now), play.now, conflicts)]);
    const heads = (lines: string): string[] =>
      [...new Set(lines.split('\n').filter((line) => line.startsWith('CLUSTER ')))].map((line) =>
        line.replace(/ {2,}/g, '  '),
      );
    expect(heads(text)).toHaveLength(6);
    expect([...new Set(heads(page))].sort()).toEqual(heads(text).sort());
  });

  it('shows how a service of its own takes commands', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-operating-'));
    const [cluster, yz7] = await Promise.all([
      startEmbeddedCluster({ name: 'bc-a' }),
      startEmbeddedYz7({ name: 'bc-1', idc: 'bc' }),
    ]);
    try {
      writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig);
      const env = {
        ...process.env,
        KUBECONFIG: join(folder, 'kubeconfig'),
        YZ7_URL: yz7.adminUrl,
        YZ7_TOKEN: yz7.token,
        SOCKET: join(folder, 'sync.sock'),
      };
      const words = ['--import', 'tsx', 'test/docs/examples/operating.ts'];
      const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, env });
      expect(stdout).toBe('ann the core switch is replaced\n');
    } finally {
      await Promise.all([cluster.stop(), yz7.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
