import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiError, isApiError } from './api-error.js';
import { parseRequest, type ApiRequest } from './api-request.js';
import { answerRequest, forbid, type Serving } from './answer.js';
import { authenticate, type User } from './authentication.js';
import { createAuthority, type ClientIdentity } from './certificates.js';
import { createExec } from './exec.js';
import { ApiFaults, isOverload } from './faults.js';
import { kubeconfigText } from './kubeconfig.js';
import type { MemoryStore } from './memory-store.js';
import type { PodRuntime } from './pod-runtime.js';

/** How an embedded API server is started. */
export interface ApiServerOptions {
  readonly store: MemoryStore;
  /** Answers exec and logs; absent: both are 501. */
  readonly runtime?: PodRuntime | undefined;
  /** The context's name in the kubeconfig; default `embedded`. */
  readonly clusterName?: string;
  /** An address of this machine; default 127.0.0.1. */
  readonly host?: string;
  /** Default: a free port. */
  readonly port?: number;
  /** `gitVersion`; default `v1.34.4`. */
  readonly version?: string;
  /** Bearer tokens and whose they are; default none. */
  readonly tokens?: Readonly<Record<string, User>>;
  /** Names the requests that get a 403; default none. */
  readonly forbidden?: (request: {
    readonly user: User;
    readonly verb: string;
    readonly resource: string;
    readonly namespace: string | undefined;
  }) => boolean;
  /** Between two bookmarks of a watch, milliseconds; default 60,000, as real servers do. */
  readonly bookmarkIntervalMs?: number;
}

/** A running embedded API server. */
export interface ApiServer {
  /** `https://127.0.0.1:40123`. */
  readonly url: string;
  /** For an administrator: JSON text (valid YAML), one context named after the cluster, everything embedded. */
  readonly kubeconfig: string;
  readonly faults: ApiFaults;
  /** A kubeconfig for another user, or with a certificate that is expired already. */
  kubeconfigFor(identity: ClientIdentity | { readonly token: string }): Promise<string>;
  /** Cuts all connections and frees the port; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Serves a store as a Kubernetes API over TLS with client certificates. What it does not model it answers with 501.
 * Of an object it checks names, labels, selectors, containers and what may not change; `fieldValidation=Strict` finds
 * unknown fields at the top and in metadata only. There are no quotas, service accounts, webhooks or RBAC.
 *
 * @example
 * const server = await startApiServer({ store: createStore(), clusterName: 'bc-a' });
 * await writeFile('kubeconfig', server.kubeconfig);
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clusterName = 'embedded', host = '127.0.0.1' } = options;
  const faults = new ApiFaults(store);
  const authority = await createAuthority(clusterName);
  const [own, admin] = await Promise.all([
    authority.serverPair([...new Set([host, '127.0.0.1', 'localhost', 'kubernetes.default.svc'])]),
    authority.clientPair({ user: 'kubernetes-admin', groups: ['system:masters'] }),
  ]);
  const serving: Serving = {
    store,
    faults,
    runtime: options.runtime,
    version: options.version ?? 'v1.34.4',
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
    isForbidden: options.forbidden ?? (() => false),
  };
  const exec = createExec(store, options.runtime);
  const https = createHttpsServer({
    cert: own.certificate,
    key: own.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
    keepAliveTimeout: 120_000,
  });

  /** Throws what a fault, the credentials or the path refuse. */
  const enter = async (raw: IncomingMessage): Promise<{ readonly url: URL; readonly user: User }> => {
    await faults.pass();
    const url = new URL(raw.url ?? '/', `https://${host}`);
    faults.check(raw.method ?? 'GET', url.pathname);
    return { url, user: authenticate(raw, options.tokens ?? {}) };
  };

  const serve = async (raw: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { url, user } = await enter(raw);
      if (!raw.destroyed) await answerRequest(serving, raw, response, url, user);
    } catch (error) {
      sendError(response, error, faults);
    }
  };

  const upgrade = async (raw: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    try {
      const { url, user } = await enter(raw);
      const request: ApiRequest = parseRequest(raw, url, user);
      forbid(serving, request);
      if (request.kind.type.kind !== 'Pod' || request.subresource !== 'exec')
        throw new ApiError(501, 'NotImplemented', `the embedded cluster does not model an upgrade of ${url.pathname}`);
      exec(request, raw, socket, head);
    } catch (error) {
      const status = asApiError(error);
      const body = JSON.stringify(status.toStatus());
      socket.end(
        `HTTP/1.1 ${status.status} ${status.reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    }
  };

  https.on('request', (raw, response) => void serve(raw, response));
  https.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    void upgrade(raw, socket, head);
  });
  https.on('tlsClientError', (_error, socket) => socket.destroy());

  const listener = createServer({ noDelay: true }, (socket) =>
    faults.admit(socket, () => void https.emit('connection', socket)),
  );
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port ?? 0, host, resolve);
  });
  const { port } = listener.address() as AddressInfo;
  const url = `https://${host}:${port}`;
  const place = { name: clusterName, url, authority: authority.certificate };
  let stopping: Promise<void> | undefined;
  return {
    url,
    kubeconfig: kubeconfigText(place, { pair: admin }),
    faults,
    async kubeconfigFor(identity) {
      return kubeconfigText(place, 'token' in identity ? identity : { pair: await authority.clientPair(identity) });
    },
    stop: () => {
      stopping ??= new Promise((resolve) => {
        listener.close(() => resolve());
        faults.close();
      });
      return stopping;
    },
  };
}

function asApiError(error: unknown): ApiError {
  if (isApiError(error)) return error;
  return new ApiError(500, 'InternalError', error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function sendError(response: ServerResponse, error: unknown, faults: ApiFaults): void {
  const status = asApiError(error);
  const retryAfterSeconds = status.details?.retryAfterSeconds;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // A server that has too much to do does not come so far as to write a Status.
  const isPlain = isOverload(status);
  response.writeHead(status.status, {
    'content-type': isPlain ? 'text/plain; charset=utf-8' : 'application/json',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  const body = `${isPlain ? status.message : JSON.stringify(status.toStatus())}\n`;
  void faults.deliver(body, (piece) => void response.write(piece)).then(() => response.end());
}
