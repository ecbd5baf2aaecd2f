import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WebSocket } from 'ws';
import { startApiServer, type ApiServer } from '../../../src/testing/cluster/api-server.js';
import { createStore } from '../../../src/testing/cluster/memory-store.js';
import { connectApi, type Api } from '../../contract/kubernetes/client.js';
import { boundPod, expectFailure } from '../../contract/kubernetes/world.js';

const path = '/api/v1/namespaces/default/pods';

let server: ApiServer;
let api: Api;
let aborted = false;

beforeAll(async () => {
  server = await startApiServer({
    store: createStore(),
    runtime: {
      async exec(namespace, pod, [command = '', ...rest], io) {
        if (command === 'wait') {
          await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve()));
          aborted = true;
        }
        if (command === 'crash') throw new Error('the container is gone');
        io.stdout(Buffer.from(`${namespace}/${pod} ${rest.join(' ')}`));
        io.stderr(Buffer.from('a warning'));
        return command === 'fail' ? 7 : 0;
      },
      logs: (_namespace, _pod, { tailLines }) => Promise.resolve(tailLines === 1 ? 'two\n' : 'one\ntwo\n'),
    },
  });
  api = connectApi(server.kubeconfig);
  await api.post(path, boundPod('web'));
});

afterAll(async () => {
  api.close();
  await server.stop();
});

interface Told {
  readonly protocol: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly status: unknown;
  readonly closeCode: number;
}

function openExec(
  command: readonly string[],
  protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
  pod = 'web',
): WebSocket {
  const { clusters, users } = parse(server.kubeconfig) as {
    clusters: [{ cluster: Record<string, string> }];
    users: [{ user: Record<string, string> }];
  };
  const decode = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');
  const url = new URL(`${path}/${pod}/exec`, server.url.replace('https', 'wss'));
  for (const part of command) url.searchParams.append('command', part);
  url.searchParams.set('stdout', 'true');
  return new WebSocket(url, protocols, {
    ca: decode(clusters[0].cluster['certificate-authority-data']),
    cert: decode(users[0].user['client-certificate-data']),
    key: decode(users[0].user['client-key-data']),
  });
}

function told(socket: WebSocket): Promise<Told> {
  const channels: Record<number, string> = {};
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const channel = data[0] ?? 0;
      channels[channel] = (channels[channel] ?? '') + data.subarray(1).toString();
    });
    socket.on('close', (closeCode) =>
      resolve({
        protocol: socket.protocol,
        stdout: channels[1] ?? '',
        stderr: channels[2] ?? '',
        status: JSON.parse(channels[3] ?? 'null'),
        closeCode,
      }),
    );
  });
}

describe('exec', () => {
  it.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])('gives output and success over %s', async (protocol) => {
    expect(await told(openExec(['echo', 'a b', 'c'], [protocol]))).toEqual({
      protocol,
      stdout: 'default/web a b c',
      stderr: 'a warning',
      status: { metadata: {}, status: 'Success' },
      closeCode: 1000,
    });
  });

  it('gives the exit code', async () => {
    expect((await told(openExec(['fail']))).status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });

  it('says why a command could not run', async () => {
    expect((await told(openExec(['crash']))).status).toMatchObject({
      status: 'Failure',
      message: 'the container is gone',
    });
  });

  it('ends the command when the client leaves', async () => {
    const socket = openExec(['wait']);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.terminate();
    await expect.poll(() => aborted).toBe(true);
  });

  it('refuses a pod that is not there before it upgrades', async () => {
    await expect(told(openExec(['echo'], undefined, 'none'))).rejects.toThrow('Unexpected server response: 404');
  });
});

describe('logs', () => {
  it('are text, whole or their end', async () => {
    expect((await api.get(`${path}/web/log`)).text).toBe('one\ntwo\n');
    expect((await api.get(`${path}/web/log`, { tailLines: '1', container: 'app' })).text).toBe('two\n');
  });

  it('are refused for another container, a missing pod, and when followed', async () => {
    expectFailure(await api.get(`${path}/web/log`, { container: 'other' }), 400, 'BadRequest', {
      message: 'container other is not valid for pod web',
    });
    expectFailure(await api.get(`${path}/none/log`), 404, 'NotFound');
    expect((await api.get(`${path}/web/log`, { follow: 'true' })).status).toBe(501);
  });
});
