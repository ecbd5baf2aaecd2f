import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isYouzanKubeError, YouzanKubeError } from '../../conventions/index.js';
import type { K8sSync, SyncLogger } from '../k8s-sync.js';
import { type SyncControlAddress, tellAddress } from './address.js';
import { ControlCommands } from './commands.js';
import { fault, faultAnswer } from './fault.js';
import { readBody } from './request-body.js';
import { listenAtSocket } from './socket-file.js';

/** Where commands are taken, and for which syncers. */
export type ServeSyncControlOptions = SyncControlAddress & {
  /** One a cluster. */
  readonly syncs: readonly K8sSync[];
  /** Told of callers without the token; what they then command, each syncer's own logger says. Default: silent. */
  readonly logger?: SyncLogger;
};

/** What takes commands until it is stopped. */
export interface SyncControlServer {
  /** The socket's path, or `http://host:port`. */
  readonly address: string;
  /** Ends every connection and takes the socket away; safe to call twice. */
  stop(): Promise<void>;
}

const requestTimeoutMs = 10_000;
const idleTimeoutMs = 60_000;
const minTokenLength = 16;

/**
 * Takes an operator's commands to running syncers, as JSON over HTTP: at a Unix socket with mode 0600, or at a port with a
 * bearer token. `GET /v1/clusters`; under `/v1/clusters/{name}`: `GET status`, `plan`, `why?of=`, and `POST freeze`,
 * `unfreeze`, `resync`, `override` with `{actor, reason, upstream}`, `traffic` with `{actor, reason, percent, force, dryRun}`.
 * What is refused says why:
 * `{"error":{"code","message","hint"}}`.
 *
 * @throws YouzanKubeError `CONTROL_ADDRESS` when it can't listen there, `CONTROL_TOKEN` for a token that is too short,
 * `CONTROL_CLUSTERS` for two syncers of one cluster.
 *
 * @example
 * const control = await serveSyncControl({ syncs: [sync], socketPath: '/run/my-service/sync.sock' });
 */
export async function serveSyncControl(options: ServeSyncControlOptions): Promise<SyncControlServer> {
  const { syncs, logger } = options;
  const commands = new ControlCommands(syncs);
  const isAllowed = 'token' in options ? bearerCheck(options.token) : () => true;
  const server = createServer(
    // A caller that sends slowly is looked for this often.
    { connectionsCheckingInterval: 1000, requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs / 2 },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = 64;
  server.setTimeout(idleTimeoutMs);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!isAllowed(request)) {
        logger?.warn({ from: request.socket.remoteAddress }, 'a command to the syncer had no valid token');
        throw fault('CONTROL_UNAUTHORIZED', 'the bearer token is missing or wrong');
      }
      const url = urlOf(request);
      const body = await commands.answer({ method: request.method ?? '', url, body: () => readBody(request) });
      send(response, 200, body);
    } catch (error) {
      if (!isYouzanKubeError(error)) logger?.error({ error }, 'a command to the syncer failed');
      const { status, body } = faultAnswer(error);
      send(response, status, body);
    }
  }

  const { address, release } = await listen(server, options);
  return {
    address,
    async stop() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      release();
      await closed;
    },
  };
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url, 'http://control');
  } catch {
    throw fault('CONTROL_BAD_REQUEST', 'the path is none');
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  // What is left of a refused request is not read.
  if (status >= 400) headers['connection'] = 'close';
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}

function bearerCheck(token: string): (request: IncomingMessage) => boolean {
  if (token.length < minTokenLength)
    throw new YouzanKubeError('CONTROL_TOKEN', `the token has fewer than ${minTokenLength} characters`);
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  return ({ headers }) => timingSafeEqual(digest(headers.authorization ?? ''), wanted);
}

async function listen(
  server: Server,
  options: SyncControlAddress,
): Promise<{ readonly address: string; readonly release: () => void }> {
  try {
    if ('socketPath' in options)
      return { address: options.socketPath, release: await listenAtSocket(server, options.socketPath) };
    const { host = '127.0.0.1', port, token } = options;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const bound = server.address();
    const own = typeof bound === 'object' && bound !== null ? bound.port : port;
    return { address: tellAddress({ host, port: own, token }), release: () => undefined };
  } catch (cause) {
    if (isYouzanKubeError(cause)) throw cause;
    const place = tellAddress(options);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = 'name a place that this process may write to, or a port that is free';
    throw new YouzanKubeError('CONTROL_ADDRESS', `can't take commands at ${place}: ${reason}`, {
      path: place,
      hint,
      cause,
    });
  }
}
