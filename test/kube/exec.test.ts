import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from 'youzan-kube/testing';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient, resources } from '../../src/kube/index.js';
import { failureOfCall } from './stands.js';

const ref = { namespace: 'default', name: 'talker' };
let cluster: EmbeddedCluster;
let client: KubeClient;

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ name: 'test-exec' });
  client = createKubeClient({
    name: 'bc-a',
    credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig }),
  });
  const container = {
    name: 'app',
    image: 'none',
    command: ['/bin/sh', '-c', 'echo one; echo twö; echo three >&2; trap "exit 0" TERM; while :; do sleep 0.1; done'],
  };
  await client.create(resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: ref,
    spec: { containers: [container] },
  });
  await vi.waitUntil(() => cluster.pods().some(({ ready }) => ready), { timeout: 10_000, interval: 20 });
});
afterAll(async () => {
  await client.close();
  await cluster.stop();
});

describe('exec', () => {
  it('runs a command in the pod and gives its output and its end', async () => {
    expect(await client.exec(ref, ['/bin/sh', '-c', 'echo out; echo "err $YOUZAN_POD_UID" >&2'])).toEqual({
      stdout: 'out\n',
      stderr: `err ${cluster.pods()[0]!.uid}\n`,
      exitCode: 0,
    });
  });

  it('gives every word of the command as it is', async () => {
    const words = ['a b', '', '$HOME', "it's", 'ü&x=1'];
    const { stdout } = await client.exec(ref, ['/bin/sh', '-c', 'for w; do printf "%s\\n" "$w"; done', 'sh', ...words]);
    expect(stdout).toBe(words.map((word) => `${word}\n`).join(''));
  });

  it('gives an exit code other than 0 as a result', async () => {
    expect(await client.exec(ref, ['/bin/sh', '-c', 'echo no >&2; exit 3'])).toEqual({
      stdout: '',
      stderr: 'no\n',
      exitCode: 3,
    });
  });

  it('gives much output whole', async () => {
    const { stdout } = await client.exec(ref, ['/bin/sh', '-c', 'seq 1 50000']);
    expect(stdout.split('\n')).toHaveLength(50_001);
    expect(stdout.endsWith('\n50000\n')).toBe(true);
  });

  it('takes the container that is named, and no other', async () => {
    expect(await client.exec(ref, ['true'], { container: 'app' })).toMatchObject({ exitCode: 0 });
    expect(await failureOfCall(client.exec(ref, ['true'], { container: 'other' }))).toMatchObject({
      code: 'KUBE_INVALID',
      message: expect.stringMatching(/^cluster bc-a: exec pods default\/talker: 400 BadRequest: .*other/) as string,
    });
  });

  it('says what the API says of a pod that is not there', async () => {
    expect(await failureOfCall(client.exec({ ...ref, name: 'nobody' }, ['true']))).toMatchObject({
      code: 'KUBE_NOT_FOUND',
      path: 'bc-a',
      status: 404,
      message: 'cluster bc-a: exec pods default/nobody: 404 NotFound: pods "nobody" not found',
    });
  });

  it('ends at its deadline', async () => {
    expect(await failureOfCall(client.exec(ref, ['sleep', '100'], { timeoutMs: 300 }))).toMatchObject({
      code: 'KUBE_TIMEOUT',
      message: expect.stringMatching(/within 300 ms$/) as string,
    });
  });
});

describe('logs', () => {
  it('give what the container has written', async () => {
    await expect.poll(() => client.logs(ref)).toMatch(/three/);
    const lines = (await client.logs(ref, { container: 'app' })).trimEnd().split('\n');
    expect(lines.toSorted()).toEqual(['one', 'three', 'twö']);
  });

  it('give only the last lines when asked to', async () => {
    await expect.poll(async () => (await client.logs(ref)).trimEnd().split('\n')).toHaveLength(3);
    const all = await client.logs(ref);
    expect(await client.logs(ref, { tailLines: 1 })).toBe(`${all.trimEnd().split('\n').at(-1)!}\n`);
  });

  it('say what the API says of a pod that is not there', async () => {
    expect(await failureOfCall(client.logs({ ...ref, name: 'nobody' }))).toMatchObject({
      code: 'KUBE_NOT_FOUND',
      message: 'cluster bc-a: logs pods default/nobody: 404 NotFound: pods "nobody" not found',
    });
  });
});
