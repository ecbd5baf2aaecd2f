import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ExecResult } from '../../src/kube/index.js';
import { clientOf, endWithTest, failureOfCall } from './stands.js';

const ref = { namespace: 'shop', name: 'p' };

interface Opened {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

/** A command begun at a server that speaks only what the test says. */
async function begin(command: readonly string[] = ['true']): Promise<{ result: Promise<ExecResult>; opened: Opened }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  endWithTest(async () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, 'close');
  });
  const connected = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const result = clientOf({ url }, { credentials: { token: 'secret' } }).exec(ref, command, { container: 'app' });
  result.catch(() => undefined);
  const [socket, request] = await connected;
  return { result, opened: { socket, request } };
}
const send = ({ socket }: Opened, stream: number, text: string | Buffer): void =>
  socket.send(Buffer.concat([Buffer.from([stream]), Buffer.from(text)]));

describe('the stream of exec', () => {
  it("is asked for with the API's protocols, the token, and each word of the command", async () => {
    const { opened } = await begin(['sh', '-c', 'echo a b']);
    expect(opened.request.url).toBe(
      '/api/v1/namespaces/shop/pods/p/exec?stdout=true&stderr=true&container=app&command=sh&command=-c&command=echo+a+b',
    );
    expect(opened.request.headers).toMatchObject({
      authorization: 'Bearer secret',
      'sec-websocket-protocol': 'v5.channel.k8s.io,v4.channel.k8s.io',
    });
  });

  it('carries output in pieces, also inside a character, until the status', async () => {
    const { result, opened } = await begin();
    const bytes = Buffer.from('zwölf\n');
    send(opened, 1, '');
    send(opened, 1, bytes.subarray(0, 3));
    send(opened, 2, 'oops\n');
    send(opened, 1, bytes.subarray(3));
    send(opened, 3, '{"metadata":{},"status":"Success"}');
    expect(await result).toEqual({ stdout: 'zwölf\n', stderr: 'oops\n', exitCode: 0 });
    await once(opened.socket, 'close');
  });

  const failures: readonly [string, string, object][] = [
    [
      'the command could not be started',
      '{"status":"Failure","reason":"InternalError","message":"no such file or directory"}',
      {
        code: 'KUBE_SERVER_ERROR',
        message: 'cluster bc-a: exec pods shop/p: no such file or directory',
      },
    ],
    [
      'the status says nothing',
      '{"status":"Failure"}',
      { code: 'KUBE_SERVER_ERROR', message: 'cluster bc-a: exec pods shop/p: it failed without a message' },
    ],
    [
      'the status is no JSON',
      '{',
      { code: 'KUBE_BAD_ANSWER', message: 'cluster bc-a: exec pods shop/p: its status is no JSON: {' },
    ],
  ];
  it.each(failures)('is an error when %s', async (_, status, error) => {
    const { result, opened } = await begin();
    send(opened, 3, status);
    expect(await failureOfCall(result)).toMatchObject(error);
  });

  it('is an error when it ends before the command did', async () => {
    const { result, opened } = await begin();
    send(opened, 1, 'half');
    opened.socket.close();
    expect(await failureOfCall(result)).toMatchObject({
      code: 'KUBE_UNREACHABLE',
      message: expect.stringContaining('the stream ended before the command did') as string,
    });
  });
});
