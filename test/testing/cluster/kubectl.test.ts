// Plain kubectl against the embedded API; skipped where there is none.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { KubeObject } from '../../../src/kube/object.js';
import { resources } from '../../../src/kube/resource.js';
import { startApiServer, type ApiServer } from '../../../src/testing/cluster/api-server.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';
import { boundPod, deployment } from '../../contract/kubernetes/world.js';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const run = promisify(execFile);

const store = createStore();
let server: ApiServer;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'youzan-kube-kubectl-'));
  server = await startApiServer({
    store,
    clusterName: 'bc-a',
    runtime: {
      exec: (_namespace, _pod, command, io) => {
        io.stdout(Buffer.from(command.join(' ')));
        return Promise.resolve(0);
      },
      logs: () => Promise.resolve('a line\n'),
    },
  });
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig);
  env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig };
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const kubectl = async (...args: readonly string[]): Promise<string> =>
  (await run('kubectl', args, { env, timeout: 15_000 })).stdout;

async function withFile<T>(objects: readonly unknown[], use: (file: string) => Promise<T>): Promise<T> {
  const file = join(folder, 'objects.yaml');
  await writeFile(file, objects.map((object) => stringify(object)).join('---\n'));
  return use(file);
}

const slice = (name: string): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  metadata: { name, namespace: 'default' },
  ports: [{ name: 'http', port: 8030 }],
  endpoints: [{ addresses: ['10.1.2.3'] }],
});

describe.skipIf(!hasKubectl)('kubectl', () => {
  it('applies, with its own validation on', async () => {
    const objects = [deployment('web', { replicas: 0 }), boundPod('web-1')];
    const applied = await withFile(objects, (file) => kubectl('apply', '--server-side', '-f', file));
    expect(applied).toBe('deployment.apps/web serverside-applied\npod/web-1 serverside-applied\n');
    const again = await withFile(objects, (file) => kubectl('apply', '--server-side', '-f', file));
    expect(again).toBe(applied);
  });

  it('shows pods of all namespaces', async () => {
    const [head, row] = (await kubectl('get', 'pods', '-A')).split('\n');
    expect(head).toMatch(/^NAMESPACE\s+NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE$/);
    expect(row).toMatch(/^default\s+web-1\s+0\/1\s+Pending\s+0\s+\d+s$/);
  });

  it('scales, runs commands and reads logs', async () => {
    expect(await kubectl('scale', 'deployment/web', '--replicas=3')).toContain('scaled');
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('3');
    expect(await kubectl('exec', 'web-1', '--', 'echo', 'hello')).toBe('echo hello');
    expect(await kubectl('logs', 'web-1')).toBe('a line\n');
  });

  it('follows the endpoint slices', async () => {
    const child = spawn('kubectl', ['get', 'endpointslices', '-A', '-w'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    store.create(resources.endpointSlices, slice('web-abc'), 'test');
    expect((await lines.next()).value).toMatch(/^NAMESPACE\s+NAME\s+ADDRESSTYPE\s+PORTS\s+ENDPOINTS\s+AGE$/);
    expect((await lines.next()).value).toMatch(/^default\s+web-abc\s+IPv4\s+8030\s+10\.1\.2\.3\s+\d+s$/);
    store.create(resources.endpointSlices, slice('web-def'), 'test');
    expect((await lines.next()).value).toMatch(/^default\s+web-def\s/);
    child.kill();
    await ended;
  });

  it('deletes and waits for the end', async () => {
    expect(await kubectl('delete', 'deployment', 'web')).toContain('deleted');
    expect(await kubectl('delete', 'pod', 'web-1', '--force', '--grace-period=0')).toContain('deleted');
    expect(await kubectl('get', 'pods')).toBe('');
  });
});
