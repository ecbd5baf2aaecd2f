import type { Agent, Dispatcher } from 'undici';
import type { CallOptions } from './client.js';
import type { Credentials, CredentialsSource } from './credentials.js';
import { isKubeError, KubeError } from './error.js';
import { failureOf, unreachable } from './failure.js';

export interface CallRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The call in words, for errors. */
  readonly what: string;
}

const defaultTimeoutMs = 15_000;
const connectTimeoutMs = 5000;

/** The HTTP connections to one cluster: an Agent for unary calls and one for watches; nothing is shared with another cluster. */
export class Transport {
  readonly #cluster: string;
  readonly #source: CredentialsSource;
  readonly #userAgent: string;
  readonly #closed = new AbortController();
  #credentials: Credentials | undefined;
  #agents: { readonly unary: Agent; readonly watch: Agent } | undefined;

  constructor(cluster: string, source: CredentialsSource, userAgent: string) {
    this.#cluster = cluster;
    this.#source = source;
    this.#userAgent = userAgent;
  }

  /** One snapshot of the credentials; agents are made anew when what they depend on has changed. */
  async credentials(): Promise<Credentials> {
    return (await this.#connect()).credentials;
  }

  /** A call with one answer; throws a {@link KubeError} for everything but a 2xx. */
  async call(request: CallRequest, options: CallOptions = {}): Promise<string> {
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([
      deadline,
      this.#closed.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    try {
      const { credentials, unary } = await raced(this.#connect(), signal);
      const answer = await this.#dispatch(unary, credentials, request, signal);
      const body = await answer.body.text();
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        throw failureOf(this.#cluster, request.what, {
          status: answer.statusCode,
          body,
          retryAfter: headerOf(answer, 'retry-after'),
        });
      }
      return body;
    } catch (error) {
      throw this.#describe(error, request.what, deadline, timeoutMs, options.signal);
    }
  }

  /** A call whose answer is a stream of bytes that goes on until it ends, breaks, or the signal aborts. */
  async stream(request: CallRequest, options: CallOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const signal = AbortSignal.any([this.#closed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    // Only the head of the answer has a deadline: a quiet watch may be silent for long.
    const head = new AbortController();
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const timer = setTimeout(() => head.abort(new DOMException('no answer', 'TimeoutError')), timeoutMs);
    try {
      const both = AbortSignal.any([signal, head.signal]);
      const { credentials, watch } = await raced(this.#connect(), both);
      const answer = await this.#dispatch(watch, credentials, request, both);
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        const body = await answer.body.text();
        throw failureOf(this.#cluster, request.what, {
          status: answer.statusCode,
          body,
          retryAfter: headerOf(answer, 'retry-after'),
        });
      }
      return this.#bytes(answer.body, request.what, options.signal);
    } catch (error) {
      throw this.#describe(error, request.what, head.signal, timeoutMs, options.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(
      new KubeError('KUBE_ABORTED', `cluster ${this.#cluster}: the client was closed`, { path: this.#cluster }),
    );
    const agents = this.#agents;
    this.#agents = undefined;
    await Promise.all([agents?.unary.destroy(), agents?.watch.destroy()]);
  }

  async *#bytes(
    body: AsyncIterable<Uint8Array>,
    what: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#describe(error, what, undefined, 0, signal);
    }
  }

  async #connect(): Promise<{ credentials: Credentials; unary: Agent; watch: Agent }> {
    const credentials = await this.#source.read();
    this.#closed.signal.throwIfAborted();
    const former = this.#credentials;
    if (this.#agents === undefined || former === undefined || connectionKey(former) !== connectionKey(credentials)) {
      const { Agent } = await import('undici');
      const old = this.#agents;
      const connect = {
        ca: credentials.ca,
        cert: credentials.clientCertificate,
        key: credentials.clientKey,
        rejectUnauthorized: !credentials.skipTlsVerify,
        ...(credentials.serverName === undefined ? {} : { servername: credentials.serverName }),
        timeout: connectTimeoutMs,
      };
      // HTTP/1.1: over h2 undici runs one watch after the other on a single connection.
      const shared = { connect, allowH2: false, pipelining: 1 };
      this.#agents = {
        unary: new Agent({ ...shared, connections: 16, keepAliveTimeout: 30_000 }),
        watch: new Agent({ ...shared, bodyTimeout: 0, headersTimeout: 0 }),
      };
      // What runs on the old connections may end there.
      if (old !== undefined) void Promise.all([old.unary.close(), old.watch.close()]);
    }
    this.#credentials = credentials;
    return { credentials, ...this.#agents };
  }

  #dispatch(
    agent: Agent,
    credentials: Credentials,
    request: CallRequest,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const url = new URL(request.path, credentials.server);
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const hasBody = request.body !== undefined;
    return agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: {
        accept: request.accept ?? 'application/json',
        'user-agent': this.#userAgent,
        ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
        ...(hasBody ? { 'content-type': request.contentType ?? 'application/json' } : {}),
      },
      body: hasBody ? JSON.stringify(request.body) : null,
      signal,
    });
  }

  #describe(
    error: unknown,
    what: string,
    deadline: AbortSignal | undefined,
    timeoutMs: number,
    given: AbortSignal | undefined,
  ): unknown {
    const path = this.#cluster;
    if (isKubeError(error)) return error;
    if (given?.aborted === true)
      return new KubeError('KUBE_ABORTED', `cluster ${path}: ${what}: aborted`, { path, cause: given.reason });
    if (this.#closed.signal.aborted) return this.#closed.signal.reason;
    if (deadline?.aborted === true) {
      return new KubeError(
        'KUBE_TIMEOUT',
        `cluster ${path}: ${what}: no answer from ${this.#credentials?.server ?? 'the server'} within ${timeoutMs} ms`,
        {
          path,
          hint: 'the API server is unreachable or slow; other clusters are not affected',
          cause: error,
        },
      );
    }
    return unreachable(path, this.#credentials?.server ?? 'the server', what, error);
  }
}

const connectionKey = ({ server, ca, clientCertificate, clientKey, serverName, skipTlsVerify }: Credentials): string =>
  JSON.stringify([server, ca, clientCertificate, clientKey, serverName, skipTlsVerify]);

function headerOf(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function raced<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
