import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/testing/cluster/certificates.js';
import { kubeconfigText } from '../../src/testing/cluster/kubeconfig.js';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';
import { root, youzanKube } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-sync-'));
const place = (name: string): string => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(place(name), text);
  return place(name);
};
let cluster: EmbeddedCluster;
let yz7: EmbeddedYz7;
let fleet: string;

beforeAll(async () => {
  [cluster, yz7] = await Promise.all([
    startEmbeddedCluster({ name: 'bc-a' }),
    startEmbeddedYz7({ name: 'bc-1', idc: 'bc' }),
  ]);
  const authority = await createAuthority('bc-c');
  const user = { pair: await authority.clientPair({ user: 'syncer', notAfter: new Date('2020-01-02T03:04:05Z') }) };
  const expired = { name: 'bc-c', url: 'https://127.0.0.1:9', authority: authority.certificate };
  fleet = write(
    'fleet.yaml',
    `idcs:
  bc:
    clusters:
      bc-a: { version: '1.34', kubeconfig: ${write('good', cluster.kubeconfig)} }
      bc-b: { version: '1.34', kubeconfig: ${place('good')} }
      bc-c: { version: '1.34', kubeconfig: ${write('expired', kubeconfigText(expired, user))} }
      bc-d: { version: '1.34', kubeconfig: ${write('lost', cluster.kubeconfig.replaceAll(cluster.url, 'https://127.0.0.1:9'))}, context: bc-a }
environments:
  prod:
    gateways: [{ name: bc-1, idc: bc, url: '${yz7.adminUrl}', tokenFile: ${write('token', yz7.token)} }]
`,
  );
});
afterAll(async () => {
  await Promise.all([cluster.stop(), yz7.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What is wrong with each cluster, as the person who runs the command is told: what was tried, and what to do. */
const troubles = (): readonly (readonly [string, string, string])[] => [
  ['bc-b', `cluster bc-b: ${place('good')} has no context "bc-b"; it has bc-a`, 'name one of these in the fleet'],
  [
    'bc-c',
    `cluster bc-c: the client certificate in ${place('expired')} (CN=syncer) expired at Jan  2 03:04:05 2020 GMT`,
    'renew the certificate and write it to the kubeconfig',
  ],
  [
    'bc-d',
    'no answer from https://127.0.0.1:9: ECONNREFUSED',
    'check the address in the kubeconfig, the network and the API server; other clusters are not affected',
  ],
];

describe('youzan-kube sync with one cluster of four that works', () => {
  let child: ChildProcess;
  let stderr = '';
  const metrics = async (): Promise<string> => {
    const url = /metrics at (\S+)/.exec(stderr)?.[1];
    return url === undefined ? '' : (await fetch(url)).text();
  };
  const within = { timeout: 20_000, interval: 50 };

  beforeAll(() => {
    const args = [
      'dist/cli.js',
      'sync',
      '--fleet',
      fleet,
      '--environment',
      'prod',
      '--metrics-port',
      '0',
      '--control',
      place('control'),
    ];
    const started = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child = started;
  });
  afterAll(() => child.kill('SIGKILL'));

  it('syncs that one', async () => {
    await expect.poll(metrics, within).toContain('youzan_sync_state{cluster="bc-a",state="live"} 1');
    for (const name of ['bc-b', 'bc-c', 'bc-d'])
      expect(await metrics()).toContain(`youzan_sync_state{cluster="${name}",state="syncing"} 1`);
  });

  it('says for each of the others what was tried and what to do', async () => {
    for (const [name, tried, todo] of troubles()) {
      await expect.poll(() => stderr, within).toContain(tried);
      await expect.poll(() => stderr, within).toContain(`${name}: the Lease could not be renewed`);
      expect(stderr).toContain(todo);
    }
  });

  it('ends by itself when it is told to, and gives its Lease back', async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect([child.exitCode, child.signalCode]).toEqual([0, null]);
    expect(stderr).toContain('bc-a: no longer leading');
  });
});

describe('youzan-kube sync --dry-run', () => {
  it('prints the plan of the cluster that works, says what is wrong with the others, and fails', async () => {
    const { code, stdout, stderr } = await youzanKube(['sync', '--dry-run', '--fleet', fleet, '--environment', 'prod']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([{ cluster: 'bc-a', source: 'k8s.bc.bc-a', changes: [], unread: {} }]);
    for (const [, tried, todo] of troubles()) {
      expect(stderr).toContain(tried);
      expect(stderr).toContain(`hint: ${todo}`);
    }
    expect(code).toBe(1);
  });
});

describe('youzan-kube sync with malformed input', () => {
  const sync = (file: string, ...more: string[]): ReturnType<typeof youzanKube> =>
    youzanKube(['sync', '--fleet', file, '--environment', 'prod', ...more]);

  it('says every finding of fleet.yaml with its place, and exits with 2', async () => {
    const file = write(
      'bad.yaml',
      'idcs:\n  bc:\n    clusters:\n      bc-a: { version: 1.34, contxt: a }\nenvironments:\n  prod: { gateways: [] }\n',
    );
    const { code, stdout, stderr } = await sync(file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .*bad\.yaml is not valid: 3 findings\n/);
    for (const where of ['4:24', '4:30', '6:21']) expect(stderr).toContain(`${file}:${where}: `);
  });

  it.each<[string, string[], string]>([
    ['an environment that the fleet has not', ['--environment', 'qa'], 'no environment "qa" in the fleet; it has prod'],
    ['a cluster that the fleet has not', ['--cluster', 'bc-x'], 'no cluster "bc-x" in the fleet; it has bc-a, bc-b'],
    ['an option that there is not', ['--gateway', 'bc-1'], "unknown option '--gateway'"],
    ['a file that is not there', ['--fleet', 'none.yaml'], "can't read none.yaml: ENOENT"],
    ['a pod without its cluster', ['--in-cluster'], '--in-cluster needs --cluster with one name'],
    [
      'a pod of two clusters',
      ['--in-cluster', '--cluster', 'bc-a', 'bc-b'],
      '--in-cluster needs --cluster with one name',
    ],
    ['a Lease without a name', ['--lease', 'default'], '"default" is no Lease: namespace/name'],
  ])('refuses %s with 2', async (_, more, message) => {
    const { code, stderr } = await sync(fleet, ...more);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
