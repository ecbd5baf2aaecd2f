import type { Agent, Dispatcher } from 'undici';
import type { CallOptions } from './client.js';
import type { Credentials, CredentialsSource } from './credentials.js';
import { isKubeError, KubeError } from './error.js';
import { failureOf, unreachable } from './failure.js';
import { type LinkedSignal, linkSignals } from './linked-signal.js';
import { type CallRequest, requestUrl } from './request.js';

export const defaultTimeoutMs = 15_000;
const connectTimeoutMs = 5000;

interface Agents {
  readonly key: string;
  readonly unary: Agent;
  readonly watch: Agent;
}

/** The HTTP connections to one cluster: an Agent for unary calls and one for watches; nothing is shared with another cluster. */
export class Transport {
  readonly #cluster: string;
  readonly #source: CredentialsSource;
  readonly #userAgent: string;
  readonly #closed = new AbortController();
  /** The server that was asked last, for errors. */
  #server = 'the server';
  #agents: Agents | undefined;

  constructor(cluster: string, source: CredentialsSource, userAgent: string) {
    this.#cluster = cluster;
    this.#source = source;
    this.#userAgent = userAgent;
  }

  /** Runs something under a signal that aborts when the caller wants to, or the client is closed. */
  async under<T>({ signal }: CallOptions, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const link = linkSignals(signal, this.#closed.signal);
    try {
      return await action(link.signal);
    } finally {
      link.release();
    }
  }

  /** A call with one answer; throws a {@link KubeError} for everything but a 2xx. */
  async call(request: CallRequest, options: CallOptions = {}): Promise<string> {
    return await this.#within(request.what, options, AbortSignal.timeout(timeoutOf(options)), async (signal) => {
      const answer = await this.#send('unary', request, signal);
      const body = await answer.body.text();
      if (!isSuccess(answer)) throw this.#refusal(request.what, answer, body);
      return body;
    });
  }

  /** A call whose answer is a stream of bytes that goes on until it ends, breaks, or the signal aborts. */
  async stream(request: CallRequest, options: CallOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    // Only the head of the answer has a deadline: a quiet watch may be silent for long.
    const head = new AbortController();
    const timer = setTimeout(() => head.abort(new DOMException('no answer', 'TimeoutError')), timeoutOf(options));
    const link = linkSignals(head.signal, options.signal, this.#closed.signal);
    try {
      const answer = await this.#send('watch', request, link.signal);
      if (!isSuccess(answer)) throw this.#refusal(request.what, answer, await answer.body.text());
      return this.#bytes(answer.body, request.what, options, link);
    } catch (error) {
      link.release();
      throw this.#describe(error, request.what, options, head.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Anything else that needs the cluster's credentials, with a deadline and the errors of a call. */
  async use<T>(
    what: string,
    options: CallOptions,
    action: (credentials: Credentials, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return await this.#within(what, options, AbortSignal.timeout(timeoutOf(options)), async (signal) => {
      const credentials = await raced(this.#read(), signal);
      return await action(credentials, signal);
    });
  }

  async close(): Promise<void> {
    this.#closed.abort(
      new KubeError('KUBE_ABORTED', `cluster ${this.#cluster}: the client was closed`, { path: this.#cluster }),
    );
    const agents = this.#agents;
    this.#agents = undefined;
    await Promise.all([agents?.unary.destroy(), agents?.watch.destroy()]);
  }

  async #within<T>(
    what: string,
    options: CallOptions,
    deadline: AbortSignal,
    action: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const link = linkSignals(deadline, options.signal, this.#closed.signal);
    try {
      return await action(link.signal);
    } catch (error) {
      throw this.#describe(error, what, options, deadline);
    } finally {
      link.release();
    }
  }

  async *#bytes(
    body: AsyncIterable<Uint8Array>,
    what: string,
    options: CallOptions,
    link: LinkedSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#describe(error, what, options);
    } finally {
      link.release();
    }
  }

  async #read(): Promise<Credentials> {
    const credentials = await this.#source.read();
    this.#server = credentials.server;
    return credentials;
  }

  async #send(kind: 'unary' | 'watch', request: CallRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const [credentials, undici] = await raced(Promise.all([this.#read(), import('undici')]), signal);
    signal.throwIfAborted();
    const url = requestUrl(credentials.server, request);
    const hasBody = request.body !== undefined;
    // In the same turn as the choice of the agent: another call may have it replaced in the next.
    return await this.#agentsFor(credentials, undici.Agent)[kind].request({
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

  /** The agents for these credentials; made anew when what a connection depends on has changed. */
  #agentsFor(credentials: Credentials, AgentOf: typeof Agent): Agents {
    const key = connectionKey(credentials);
    const former = this.#agents;
    if (former?.key === key) return former;
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
    const agents = {
      key,
      unary: new AgentOf({ ...shared, connections: 16, keepAliveTimeout: 30_000 }),
      watch: new AgentOf({ ...shared, bodyTimeout: 0, headersTimeout: 0 }),
    };
    this.#agents = agents;
    // What runs on the old connections may end there.
    if (former !== undefined) void Promise.all([former.unary.close(), former.watch.close()]);
    return agents;
  }

  #refusal(what: string, answer: Dispatcher.ResponseData, body: string): KubeError {
    const retryAfter = answer.headers['retry-after'];
    return failureOf(this.#cluster, what, {
      status: answer.statusCode,
      body,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    });
  }

  #describe(error: unknown, what: string, options: CallOptions, deadline?: AbortSignal): unknown {
    const path = this.#cluster;
    if (isKubeError(error)) return error;
    if (options.signal?.aborted === true)
      return new KubeError('KUBE_ABORTED', `cluster ${path}: ${what}: aborted`, { path, cause: options.signal.reason });
    if (this.#closed.signal.aborted) return this.#closed.signal.reason;
    if (deadline?.aborted === true) {
      return new KubeError(
        'KUBE_TIMEOUT',
        `cluster ${path}: ${what}: no answer from ${this.#server} within ${timeoutOf(options)} ms`,
        {
          path,
          hint: 'the API server is unreachable or slow; other clusters are not affected',
          cause: error,
        },
      );
    }
    return unreachable(path, this.#server, what, error);
  }
}

const timeoutOf = ({ timeoutMs = defaultTimeoutMs }: CallOptions): number => timeoutMs;
const isSuccess = ({ statusCode }: Dispatcher.ResponseData): boolean => statusCode >= 200 && statusCode <= 299;

const connectionKey = ({ server, ca, clientCertificate, clientKey, serverName, skipTlsVerify }: Credentials): string =>
  JSON.stringify([server, ca, clientCertificate, clientKey, serverName, skipTlsVerify]);

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
