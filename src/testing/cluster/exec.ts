import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { ApiError, badRequest, isApiError, notFound, notModelled } from './api-error.js';
import type { ApiRequest } from './api-request.js';
import { listAt, valueAt } from './json.js';
import type { MemoryStore } from './memory-store.js';
import type { PodRuntime } from './pod-runtime.js';

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channels = { stdout: 1, stderr: 2, status: 3 } as const;

function checkPod(store: MemoryStore, request: ApiRequest): { readonly namespace: string; readonly name: string } {
  const namespace = request.namespace ?? '';
  const name = request.name ?? '';
  const pod = store.get(request.kind.type, namespace, name);
  if (pod === undefined) throw notFound(request.kind.type, name);
  const container = request.query.get('container') ?? '';
  if (container !== '' && !listAt(pod, 'spec', 'containers').some((item) => valueAt(item, 'name') === container))
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  return { namespace, name };
}

const needed = (runtime: PodRuntime | undefined): PodRuntime => {
  if (runtime === undefined) throw notModelled('exec and logs without a pod runtime');
  return runtime;
};

/** The text of a pod's log. */
export async function readLogs(
  store: MemoryStore,
  request: ApiRequest,
  runtime: PodRuntime | undefined,
): Promise<string> {
  if (request.query.get('follow') === 'true') throw notModelled('following a log');
  if (request.query.get('previous') === 'true') throw notModelled('the log of a previous container');
  const { namespace, name } = checkPod(store, request);
  const tail = request.query.get('tailLines');
  return needed(runtime).logs(namespace, name, tail === null ? {} : { tailLines: Number(tail) });
}

export type ExecUpgrade = (request: ApiRequest, raw: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Runs commands in pods over WebSocket, with the channels of `v5.channel.k8s.io` and `v4`. No stdin, no terminal. */
export function createExec(store: MemoryStore, runtime: PodRuntime | undefined): ExecUpgrade {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
  return (request, raw, socket, head) => {
    const command = request.query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least 1 command for the pod exec');
    if (request.query.get('stdin') === 'true' || request.query.get('tty') === 'true')
      throw notModelled('stdin and terminals in exec');
    const where = checkPod(store, request);
    const pods = needed(runtime);
    if ((raw.headers.upgrade ?? '').toLowerCase() !== 'websocket')
      throw notModelled(`exec over ${raw.headers.upgrade ?? 'nothing'}`);
    server.handleUpgrade(raw, socket, head, (websocket) => void run(websocket, pods, where, command));
  };
}

async function run(
  websocket: WebSocket,
  runtime: PodRuntime,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  command: readonly string[],
): Promise<void> {
  const aborter = new AbortController();
  const send = (channel: number, data: Buffer): void => {
    if (websocket.readyState === websocket.OPEN) websocket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  websocket.on('close', () => aborter.abort());
  websocket.on('error', () => aborter.abort());
  send(channels.stdout, Buffer.alloc(0));
  let status: unknown;
  try {
    const code = await runtime.exec(namespace, name, command, {
      stdout: (chunk) => send(channels.stdout, chunk),
      stderr: (chunk) => send(channels.stderr, chunk),
      signal: aborter.signal,
    });
    status = code === 0 ? { metadata: {}, status: 'Success' } : failedCommand(command, code);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    status = (isApiError(error) ? error : new ApiError(500, 'InternalError', message)).toStatus();
  }
  send(channels.status, Buffer.from(JSON.stringify(status)));
  websocket.close(1000);
}

const failedCommand = (command: readonly string[], code: number): unknown => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: error executing command [${command.join(' ')}], exit code ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});
