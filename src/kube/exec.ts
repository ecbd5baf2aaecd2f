import type { IncomingMessage } from 'node:http';
import type { ExecResult, ObjectRef } from './client.js';
import type { Credentials } from './credentials.js';
import { KubeError, type KubeErrorCode } from './error.js';
import { failureOf } from './failure.js';
import { requestUrl } from './request.js';
import { resourcePath, resources } from './resource.js';

export interface ExecTarget {
  /** The cluster's name, for errors. */
  readonly cluster: string;
  /** The call in words, for errors. */
  readonly what: string;
  readonly ref: ObjectRef;
  readonly container: string | undefined;
  readonly command: readonly string[];
}

/** The API's names for messages that begin with a byte for their stream. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const streamOf = { stdout: 1, stderr: 2, status: 3 } as const;

interface ExecStatus {
  readonly status?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** Runs a command in a container over a WebSocket and waits for its end. */
export async function execInPod(
  credentials: Credentials,
  target: ExecTarget,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { WebSocket } = await import('ws');
  signal.throwIfAborted();
  const socket = new WebSocket(execUrl(credentials.server, target), protocols, {
    ca: credentials.ca,
    cert: credentials.clientCertificate,
    key: credentials.clientKey,
    rejectUnauthorized: !credentials.skipTlsVerify,
    ...(credentials.serverName === undefined ? {} : { servername: credentials.serverName }),
    ...(credentials.token === undefined ? {} : { headers: { authorization: `Bearer ${credentials.token}` } }),
    perMessageDeflate: false,
  });
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const abort = (): void => socket.terminate();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const status = await new Promise<string>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const rest = data.subarray(1);
        if (data[0] === streamOf.stdout) output.stdout.push(rest);
        else if (data[0] === streamOf.stderr) output.stderr.push(rest);
        else if (data[0] === streamOf.status) resolve(rest.toString('utf8'));
      });
      socket.on('unexpected-response', (_request, response) => {
        void refusal(target, response).then(reject, reject);
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the stream ended before the command did')));
    });
    return resultOf(status, output, target);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.terminate();
  }
}

function execUrl(server: string, { ref, container, command }: ExecTarget): URL {
  const path = resourcePath(resources.pods, { ...ref, namespace: ref.namespace ?? 'default', subresource: 'exec' });
  const url = requestUrl(server, { path, query: { stdout: true, stderr: true, container } });
  for (const word of command) url.searchParams.append('command', word);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return url;
}

async function refusal({ cluster, what }: ExecTarget, response: IncomingMessage): Promise<KubeError> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const { statusCode: status = 0, headers } = response;
  return failureOf(cluster, what, {
    status,
    body: Buffer.concat(chunks).toString('utf8'),
    retryAfter: headers['retry-after'],
  });
}

function resultOf(
  text: string,
  { stdout, stderr }: { readonly stdout: readonly Buffer[]; readonly stderr: readonly Buffer[] },
  { cluster, what }: ExecTarget,
): ExecResult {
  const fail = (code: KubeErrorCode, said: string): KubeError =>
    new KubeError(code, `cluster ${cluster}: ${what}: ${said}`, { path: cluster });
  let status: ExecStatus;
  try {
    status = JSON.parse(text) as ExecStatus;
  } catch {
    throw fail('KUBE_BAD_ANSWER', `its status is no JSON: ${text.slice(0, 80)}`);
  }
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  const exitCode = status.status === 'Success' ? 0 : Number(code ?? Number.NaN);
  if (Number.isNaN(exitCode)) throw fail('KUBE_SERVER_ERROR', status.message ?? 'it failed without a message');
  const joined = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  return { stdout: joined(stdout), stderr: joined(stderr), exitCode };
}
