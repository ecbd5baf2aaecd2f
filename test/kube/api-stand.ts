// A hand-written HTTP(S) server in the place of an API server: each request waits until the test answers it.
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Authority, createAuthority } from '../../src/testing/cluster/certificates.js';

/** One request, and the ways to answer it. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  /** The name in the client's certificate, if it has shown one. */
  readonly clientName: string | undefined;
  /** Numbers the connections of a server from 1. */
  readonly connection: number;
  /** Resolves when the client, or the test, has ended it. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    /** The body, when it has come whole. */
    readonly body: string,
    connection: number,
  ) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand');
    this.method = request.method ?? '';
    this.path = pathname;
    this.query = Object.fromEntries(searchParams);
    this.headers = request.headers;
    this.connection = connection;
    this.closed = new Promise((resolve) => response.once('close', resolve));
    this.#response = response;
    const subject =
      'getPeerCertificate' in request.socket ? (request.socket as TLSSocket).getPeerCertificate().subject : undefined;
    this.clientName = subject?.CN?.toString();
  }

  /** The whole answer. */
  answer(
    body: unknown,
    { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
  ): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  }

  /** The head of a stream; what follows is sent as it is given. */
  open(): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  }

  /** Lines of a stream, in one piece. */
  send(...lines: readonly unknown[]): void {
    this.sendBytes(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  }

  sendBytes(bytes: Uint8Array | string): void {
    this.#response.write(bytes);
  }

  end(): void {
    this.#response.end();
  }

  /** Breaks the connection. */
  cut(): void {
    this.#response.destroy();
  }
}

export class ApiStand {
  /** Every request so far. */
  readonly received: Exchange[] = [];
  readonly url: string;
  readonly authority: Authority | undefined;
  readonly #server: http.Server;
  readonly #connections = new Map<Socket, number>();
  readonly #waiting: ((exchange: Exchange) => void)[] = [];
  #taken = 0;
  #handler: ((exchange: Exchange) => void) | undefined;

  private constructor(server: http.Server, scheme: string, authority?: Authority) {
    this.#server = server;
    this.authority = authority;
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.#receive(request, response));
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#connections.set(socket, this.#connections.size + 1);
    });
  }

  static async start(): Promise<ApiStand> {
    return new ApiStand(await listening(http.createServer()), 'http');
  }

  /** With a certificate of its own authority, and asking for a client's. */
  static async startTls(authority?: Authority): Promise<ApiStand> {
    const own = authority ?? (await createAuthority('stand'));
    const { certificate: cert, key } = await own.serverPair(['127.0.0.1']);
    const server = https.createServer({ cert, key, ca: own.certificate, requestCert: true, rejectUnauthorized: false });
    return new ApiStand(await listening(server), 'https', own);
  }

  /** The next request that no test has taken. */
  async next(deadlineMs = 5000): Promise<Exchange> {
    const exchange = this.received[this.#taken];
    this.#taken += 1;
    if (exchange !== undefined) return exchange;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no request within ${deadlineMs} ms`)), deadlineMs);
      this.#waiting.push((came) => {
        clearTimeout(timer);
        resolve(came);
      });
    });
  }

  /** From now on every request is answered so. */
  always(handler: (exchange: Exchange) => void): void {
    this.#handler = handler;
  }

  /** Connections that are open. */
  get open(): number {
    return [...this.#connections.keys()].filter(({ destroyed }) => !destroyed).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      return;
    }
    const connection = this.#connections.get(request.socket) ?? 0;
    const exchange = new Exchange(request, response, Buffer.concat(chunks).toString('utf8'), connection);
    this.received.push(exchange);
    if (this.#handler !== undefined) this.#handler(exchange);
    else this.#waiting.shift()?.(exchange);
  }
}

async function listening(server: http.Server): Promise<http.Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
