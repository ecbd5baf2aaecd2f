import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-example-'));
let cluster: EmbeddedCluster;
let yz7: EmbeddedYz7;
let child: ChildProcess | undefined;

beforeAll(async () => {
  [cluster, yz7] = await Promise.all([
    startEmbeddedCluster({ name: 'bc-a' }),
    startEmbeddedYz7({ name: 'bc-1', idc: 'bc' }),
  ]);
  writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig);
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await Promise.all([cluster.stop(), yz7.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

it('examples/exporters serves the metrics of a syncer that it runs, and ends by itself on TERM', async () => {
  const example = spawn(process.execPath, ['--import', 'tsx', 'examples/exporters/main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      KUBECONFIG: join(folder, 'kubeconfig'),
      YZ7_URL: yz7.adminUrl,
      YZ7_TOKEN: yz7.token,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = example;
  const ended = new Promise<number | null>((resolve) => example.once('exit', resolve));
  const printed = new Promise<string>((resolve) => createInterface(example.stdout).once('line', resolve));
  const url = await Promise.race([printed, ended.then((code) => `it ended with ${code}`)]);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);

  const text = async (): Promise<string> => (await fetch(url)).text();
  await expect.poll(text, { timeout: 10_000 }).toContain('youzan_sync_state{cluster="bc-a",state="live"} 1');
  expect((await fetch(new URL('/readyz', url))).status).toBe(200);

  example.kill('SIGTERM');
  expect(await ended).toBe(0);
});
