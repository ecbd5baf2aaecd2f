// What this project expects of exec and logs, on the embedded cluster and on real nodes alike.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type KubeClient, type KubeObject, resources } from '../../../src/kube/index.js';
import { failureOfCall } from '../../kube/stands.js';

export interface PodWorld {
  readonly client: KubeClient;
  readonly cluster: string;
  /** With sh, seq, sleep and true. */
  readonly image: string;
  stop(): Promise<void>;
}

interface Pod extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const ref = { namespace: 'default', name: 'talker' };

export function podContract(name: string, start: () => Promise<PodWorld>): void {
  describe(`a pod of ${name}`, () => {
    let world: PodWorld | undefined;
    let client: KubeClient;
    let cluster = '';

    beforeAll(async () => {
      world = await start();
      ({ client, cluster } = world);
      const container = {
        name: 'app',
        image: world.image,
        command: [
          '/bin/sh',
          '-c',
          'echo one; echo twö; echo three >&2; trap "exit 0" TERM; while :; do sleep 0.1; done',
        ],
      };
      const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
      await client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: ref, spec });
      const isReady = async (): Promise<boolean> => {
        const { status } = await client.get<Pod>(resources.pods, ref);
        return (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');
      };
      await vi.waitUntil(isReady, { timeout: 60_000, interval: 100 });
    }, 300_000);
    afterAll(async () => {
      await client.delete(resources.pods, ref);
      await world?.stop();
    });

    describe('exec', () => {
      it('runs a command in the pod and gives its output and its end', async () => {
        expect(await client.exec(ref, ['/bin/sh', '-c', 'echo out; echo err >&2'])).toEqual({
          stdout: 'out\n',
          stderr: 'err\n',
          exitCode: 0,
        });
      });

      it('gives every word of the command as it is', async () => {
        const words = ['a b', '', '$HOME', "it's", 'ü&x=1'];
        const { stdout } = await client.exec(ref, [
          '/bin/sh',
          '-c',
          'for w; do printf "%s\\n" "$w"; done',
          'sh',
          ...words,
        ]);
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
          message: expect.stringMatching(/: exec pods default\/talker: 400 BadRequest: .*other/) as string,
        });
      });

      it('says what the API says of a pod that is not there', async () => {
        expect(await failureOfCall(client.exec({ ...ref, name: 'nobody' }, ['true']))).toMatchObject({
          code: 'KUBE_NOT_FOUND',
          path: cluster,
          status: 404,
          message: `cluster ${cluster}: exec pods default/nobody: 404 NotFound: pods "nobody" not found`,
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
          message: `cluster ${cluster}: logs pods default/nobody: 404 NotFound: pods "nobody" not found`,
        });
      });
    });
  });
}
