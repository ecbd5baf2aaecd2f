// The README's three uses, each run as it stands: a process of its own, beside an embedded cluster and gateway.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createKubeClient, credentialsFromKubeconfig, resources } from '../../src/kube/index.js';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = (example: string): string[] => ['--import', 'tsx', `examples/${example}/main.ts`];

it('examples/construct prints the Service, the budget and the Deployment of each cluster', () => {
  const yaml = execFileSync(process.execPath, command('construct'), { cwd: root, encoding: 'utf8' });
  const documents = parseAllDocuments(yaml).map((document) => document.toJS() as { kind: string });
  const kinds = ['Service', 'PodDisruptionBudget', 'Deployment'];
  expect(documents.map(({ kind }) => kind)).toEqual([...kinds, ...kinds]);
});

describe('an example that embeds the syncer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-example-'));
  let cluster: EmbeddedCluster;
  let yz7: EmbeddedYz7;
  let running: ChildProcess | undefined;

  beforeAll(async () => {
    [cluster, yz7] = await Promise.all([
      startEmbeddedCluster({ name: 'bc-a' }),
      startEmbeddedYz7({ name: 'bc-1', idc: 'bc' }),
    ]);
    writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig);
  });
  afterEach(() => running?.kill('SIGKILL'));
  afterAll(async () => {
    await Promise.all([cluster.stop(), yz7.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Who has the Lease; empty when it was given back. */
  async function holder(): Promise<string | undefined> {
    const credentials = credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig });
    const client = createKubeClient({ name: 'bc-a', credentials });
    try {
      const lease = await client.get(resources.leases, { namespace: 'default', name: 'k8s-sync' });
      return (lease as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? '';
    } finally {
      await client.close();
    }
  }

  function start(example: string): { lines: string[]; exit: Promise<number | null>; end: () => void } {
    const env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig'), YZ7_URL: yz7.adminUrl, YZ7_TOKEN: yz7.token };
    const child = spawn(process.execPath, command(example), { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    running = child;
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    return { lines, exit, end: () => void child.kill('SIGTERM') };
  }

  it('examples/embed leads, is ready, is scraped, and on TERM gives its Lease back and ends by itself', async () => {
    const { lines, exit, end } = start('embed');
    const said = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const within = { timeout: 20_000 };
    const notice = (what: object): unknown =>
      expect.objectContaining({ notice: expect.objectContaining(what) as unknown });
    await expect.poll(said, within).toContainEqual(notice({ type: 'leading' }));
    await expect.poll(said, within).toContainEqual(notice({ type: 'phase', to: 'live' }));
    const url = said().find((line) => typeof line['url'] === 'string')?.['url'] as string;
    for (const path of ['healthz', 'readyz']) expect((await fetch(`${url}/${path}`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('youzan_sync_leader{cluster="bc-a"} 1');
    end();
    expect(await exit).toBe(0);
    expect(await holder()).toBe('');
  }, 50_000);

  it('examples/exporters serves the metrics of its syncer, and ends by itself on TERM', async () => {
    const { lines, exit, end } = start('exporters');
    await expect.poll(() => lines[0], { timeout: 10_000 }).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const url = lines[0] ?? '';
    const text = async (): Promise<string> => (await fetch(url)).text();
    await expect.poll(text, { timeout: 10_000 }).toContain('youzan_sync_state{cluster="bc-a",state="live"} 1');
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
    end();
    expect(await exit).toBe(0);
  });
});
