import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  startEmbeddedCluster,
  type EmbeddedCluster,
  type EmbeddedClusterOptions,
  type PodEvent,
} from 'youzan-kube/testing';
import { findProcesses } from '../../../src/testing/cluster/kubelet/processes.js';
import { deployment } from './objects.js';

const clusters: EmbeddedCluster[] = [];
async function start(options: Partial<EmbeddedClusterOptions> = {}): Promise<EmbeddedCluster> {
  const cluster = await startEmbeddedCluster({ name: 'test-start', ...options });
  clusters.push(cluster);
  return cluster;
}
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
});

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}
/** A call as `kubectl` would make it, with nothing but the kubeconfig. */
async function call(kubeconfig: string, method: string, path: string, body?: object): Promise<unknown> {
  const config = JSON.parse(kubeconfig) as Kubeconfig;
  const text = (base64: string): Buffer => Buffer.from(base64, 'base64');
  const { cluster } = config.clusters[0]!;
  const { user } = config.users[0]!;
  const call = request(new URL(path, cluster.server), {
    method,
    agent: false,
    ca: text(cluster['certificate-authority-data']),
    cert: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
    headers: { 'content-type': 'application/json' },
  });
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
const deploy = (cluster: EmbeddedCluster, name: string, container: object = {}, replicas = 1): Promise<unknown> =>
  call(
    cluster.kubeconfig,
    'POST',
    '/apis/apps/v1/namespaces/default/deployments',
    deployment(name, { replicas }, container),
  );
const allReady = (cluster: EmbeddedCluster, count: number): Promise<unknown> =>
  expect.poll(() => cluster.pods().filter(({ ready }) => ready).length, { timeout: 10_000, interval: 10 }).toBe(count);
const folders = (name: string): string[] =>
  readdirSync(tmpdir()).filter((entry) => entry.startsWith(`youzan-kube-${name}-`));
const isUsed = (host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port: 6443 });
    socket.once('connect', () => resolve(true)).once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });

describe('startEmbeddedCluster', () => {
  it('runs a Deployment as local processes and reports it through the API', async () => {
    const events: PodEvent[] = [];
    const cluster = await start({
      nodes: 2,
      zone: 'bc',
      env: { EXTRA: '1' },
      onEvent: (event) => void events.push(event),
    });
    await deploy(cluster, 'web', {}, 2);
    await allReady(cluster, 2);
    expect(
      cluster
        .pods()
        .map(({ node }) => node)
        .sort(),
    ).toEqual(['test-start-node-1', 'test-start-node-2']);
    expect(cluster.url).toBe(`https://${cluster.pods()[0]!.ip.replace(/\d+$/, '1')}:6443`);
    expect(events.filter(({ type }) => type === 'pod-ready')).toHaveLength(2);
    await expect
      .poll(() => call(cluster.kubeconfig, 'GET', '/apis/apps/v1/namespaces/default/deployments/web'), {
        timeout: 10_000,
      })
      .toMatchObject({ status: { availableReplicas: 2 } });
  });

  it('gives each of several clusters a network of its own', async () => {
    const [one, two] = await Promise.all([start({ name: 'test-one' }), start({ name: 'test-two' })]);
    await Promise.all([deploy(one, 'web'), deploy(two, 'web')]);
    await Promise.all([allReady(one, 1), allReady(two, 1)]);
    const networks = [one, two].map((cluster) => cluster.pods()[0]!.ip.replace(/\.\d+$/, ''));
    expect(new Set(networks).size).toBe(2);
  });

  it('leaves no process, folder or port behind', async () => {
    const cluster = await start({ name: `test-stop-${process.pid}` });
    await deploy(
      cluster,
      'web',
      { command: ['/bin/sh', '-c', 'trap "" TERM; setsid sleep 1000 & while :; do sleep 1; done'] },
      2,
    );
    await allReady(cluster, 2);
    const uids = cluster.pods().map(({ uid }) => uid);
    const host = new URL(cluster.url).hostname;
    await cluster.stop();
    expect(uids.flatMap((uid) => findProcesses('YOUZAN_POD_UID', uid))).toEqual([]);
    expect(folders(`test-stop-${process.pid}`)).toEqual([]);
    expect(await isUsed(host)).toBe(false);
    await cluster.stop();
  });

  it('ends pods through preStop when it is given the time', async () => {
    const events: string[] = [];
    const cluster = await start({ name: 'test-grace', onEvent: ({ type }) => void events.push(type) });
    await deploy(cluster, 'web', { command: ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.01; done'] });
    await allReady(cluster, 1);
    const from = Date.now();
    await cluster.stop({ graceSeconds: 10 });
    expect(Date.now() - from).toBeLessThan(5_000);
    expect(events.at(-1)).toBe('pod-terminated');
  });

  it('takes its pods along when its process is killed', async () => {
    const host = fileURLToPath(new URL('./host.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', host, `test-killed-${process.pid}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const kubeconfig = line.toString();
    await call(kubeconfig, 'POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web', { replicas: 2 }));
    const pods = '/api/v1/namespaces/default/pods';
    const running = async (): Promise<string[]> => {
      const list = (await call(kubeconfig, 'GET', pods)) as {
        items: { metadata: { uid: string }; status: { phase: string } }[];
      };
      return list.items.filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.uid);
    };
    await expect.poll(running, { timeout: 10_000 }).toHaveLength(2);
    const uids = await running();
    const processes = (): number[] => uids.flatMap((uid) => findProcesses('YOUZAN_POD_UID', uid));
    expect(processes()).toHaveLength(2);
    child.kill('SIGKILL');
    await expect.poll(processes, { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => folders(`test-killed-${process.pid}`), { timeout: 10_000 }).toEqual([]);
  });

  it('keeps Ctrl-C in a terminal away from its pods', async () => {
    const cluster = await start();
    await deploy(cluster, 'web');
    await allReady(cluster, 1);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'sid=', '-p', String(cluster.pods()[0]!.pid)]);
    expect(Number(stdout)).toBe(cluster.pods()[0]!.pid);
  });
});
