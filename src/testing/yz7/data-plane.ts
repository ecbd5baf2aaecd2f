import http from 'node:http';
import { serverAddress } from '../../members/server.js';
import type { Asked } from './choose.js';
import { listen, type Listener } from './listener.js';
import { add, type Counters } from './stats.js';
import type { Chosen, Worker } from './worker.js';

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const connectTimeoutMs = 1_000;
const idleClientMs = 75_000;

type Headers = Record<string, string | string[]>;

/** End-to-end headers: without those of one connection, and those that `Connection` names. */
function endToEnd(message: http.IncomingMessage): Headers {
  const named = (message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const headers: Headers = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values === undefined || hopByHop.has(name) || named.includes(name)) continue;
    headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return headers;
}

/** The name in `X-Service-Chain`; empty when there is none or it can't be read. */
function chainOf(header: string | string[] | undefined): string {
  if (typeof header !== 'string') return '';
  try {
    const value: unknown = JSON.parse(header);
    const isNamed = typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
    return isNamed ? String(value.name) : '';
  } catch {
    return '';
  }
}

function askedOf(request: http.IncomingMessage): Asked {
  const host = (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  return { host, path, sc: chainOf(request.headers['x-service-chain']) };
}

function hasBody({ headers }: http.IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? '0') > 0;
}

/** One client request on its way to a server and back. */
class Exchange {
  readonly #request: http.IncomingMessage;
  readonly #response: http.ServerResponse;
  readonly #worker: Worker;
  readonly #counters: Counters;
  readonly #asked: Asked;
  #wasRetried = false;
  #isOver = false;

  constructor(request: http.IncomingMessage, response: http.ServerResponse, worker: Worker, counters: Counters) {
    this.#request = request;
    this.#response = response;
    this.#worker = worker;
    this.#counters = counters;
    this.#asked = askedOf(request);
  }

  /** Chooses a server and sends the request there. */
  begin(notAddress?: string): void {
    const chosen = this.#worker.choose(this.#asked, notAddress);
    if ('server' in chosen) {
      if (notAddress !== undefined) add(this.#counters.retries, chosen.upstream);
      this.#send(chosen, false);
      return;
    }
    const { kind, upstream } = chosen;
    add(this.#counters.noServer, upstream);
    this.#refuse(kind === 'chain_empty' ? 503 : 502, kind, upstream);
  }

  #send(chosen: Chosen, onNewConnection: boolean): void {
    const { server, pool, upstream } = chosen;
    const request = this.#request;
    const withBody = hasBody(request);
    const outgoing = http.request({
      host: server.ip,
      port: server.port,
      method: request.method,
      path: request.url,
      headers: this.#headersFor(withBody),
      agent: onNewConnection ? false : pool.agent,
      setHost: false,
    });
    let isConnected = false;
    let isCut = false;
    const cut = (): void => {
      isCut = true;
      add(this.#counters.cut, upstream);
      outgoing.destroy(new Error('the server was deleted'));
    };
    const abort = (): void => void outgoing.destroy();
    const leave = (): void => {
      pool.flights.delete(cut);
      this.#response.off('close', abort);
    };
    pool.flights.add(cut);
    this.#response.on('close', abort);
    const onConnected = (): void => {
      isConnected = true;
      // Not before: a request whose body is under way could not be sent to another server.
      if (withBody) request.pipe(outgoing);
    };
    outgoing.on('socket', (socket) => {
      if (!socket.connecting) {
        onConnected();
        return;
      }
      const timer = setTimeout(
        () => socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)),
        connectTimeoutMs,
      );
      socket.once('connect', () => {
        clearTimeout(timer);
        onConnected();
      });
      socket.once('close', () => clearTimeout(timer));
    });
    outgoing.on('response', (incoming) => this.#answer(chosen, incoming));
    outgoing.on('close', leave);
    outgoing.on('error', () => {
      leave();
      request.unpipe(outgoing);
      if (this.#isOver || this.#response.destroyed) return;
      if (this.#response.headersSent) this.#response.destroy();
      else if (isCut) this.#refuse(502, 'server_deleted', upstream, server);
      else if (!isConnected) this.#afterConnectFailure(chosen);
      else if (outgoing.reusedSocket) this.#afterStaleConnection(chosen, withBody);
      else this.#refuse(502, 'upstream_reset', upstream, server);
    });
    if (!withBody) outgoing.end();
  }

  #headersFor(withBody: boolean): Headers {
    const headers = endToEnd(this.#request);
    const before = this.#request.headers['x-forwarded-for'];
    const client = this.#request.socket.remoteAddress ?? '';
    headers['x-forwarded-for'] = before === undefined ? client : `${String(before)}, ${client}`;
    if (withBody && headers['content-length'] === undefined) headers['transfer-encoding'] = 'chunked';
    return headers;
  }

  #answer({ upstream, server }: Chosen, incoming: http.IncomingMessage): void {
    const status = incoming.statusCode ?? 502;
    this.#isOver = true;
    add(this.#counters.requests, `${upstream}|${status}`);
    const headers = { ...endToEnd(incoming), 'x-yz7-server': serverAddress(server) };
    this.#response.writeHead(status, incoming.statusMessage, headers);
    // An answer that breaks off must break off for the client too, not end.
    incoming.on('error', () => this.#response.destroy());
    incoming.pipe(this.#response);
  }

  #afterConnectFailure({ upstream, server }: Chosen): void {
    add(this.#counters.connectFailures, `${upstream}|connect`);
    if (this.#wasRetried || !idempotent.has(this.#request.method ?? '')) {
      this.#refuse(502, 'connect_failed', upstream, server);
      return;
    }
    this.#wasRetried = true;
    this.begin(serverAddress(server));
  }

  /** A kept connection that the server closed while it was idle says nothing about the server: a new one will. */
  #afterStaleConnection(chosen: Chosen, withBody: boolean): void {
    add(this.#counters.connectFailures, `${chosen.upstream}|reused`);
    if (withBody || !idempotent.has(this.#request.method ?? '')) {
      this.#refuse(502, 'upstream_reset', chosen.upstream, chosen.server);
      return;
    }
    add(this.#counters.staleConnections, chosen.upstream);
    this.#send(chosen, true);
  }

  #refuse(status: number, reason: string, upstream: string, server?: Chosen['server']): void {
    this.#isOver = true;
    add(this.#counters.requests, `${upstream}|${status}`);
    const headers: Headers = { 'x-yz7-error': reason, 'content-type': 'text/plain' };
    if (server) headers['x-yz7-server'] = serverAddress(server);
    // What is left of the body is not read: the connection can't go on.
    if (hasBody(this.#request) && !this.#request.complete) headers.connection = 'close';
    this.#response.writeHead(status, headers).end(`yz7: ${reason}\n`);
  }
}

/** The reverse proxy: every client connection belongs to one worker, in turn. */
export async function startDataPlane(
  host: string,
  port: number,
  workers: readonly Worker[],
  counters: Counters,
): Promise<Listener> {
  const workerOf = new WeakMap<object, Worker>();
  let connections = 0;
  const server = http.createServer({ keepAliveTimeout: idleClientMs, noDelay: true }, (request, response) => {
    const worker = workerOf.get(request.socket) ?? workers[0];
    if (worker === undefined) response.writeHead(503).end();
    else new Exchange(request, response, worker, counters).begin();
  });
  server.on('connection', (socket) => {
    const worker = workers[connections++ % workers.length];
    if (worker !== undefined) workerOf.set(socket, worker);
  });
  return listen(server, host, port);
}
