import type { Agent } from 'undici';
import { Calls } from '../calls.js';
import { GatewayError } from '../error.js';
import type { GatewayCallOptions } from '../gateway.js';
import { refusalOf } from './refusal.js';

const idleConnectionMs = 30_000;
const largestAnswerBytes = 256 * 1024 * 1024;

export interface Exchange {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Path and query after the base. */
  readonly path: string;
  readonly body?: object;
  /** Statuses beside 2xx that are answers and not errors. */
  readonly accept?: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly digest: string | undefined;
  readonly storeId: string;
}

/** A token, or where it comes from; asked before every call, so that it can change. */
export type TokenSource = string | (() => string | Promise<string>);

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** One instance's admin API over HTTP. undici is loaded with the first call. */
export class Transport {
  readonly #name: string;
  readonly #url: string;
  readonly #token: TokenSource;
  readonly #calls: Calls;
  #agent: Promise<Agent> | undefined;

  constructor(name: string, url: string, token: TokenSource, signal: AbortSignal | undefined) {
    this.#name = name;
    this.#url = `${url.replace(/\/+$/, '')}/admin/v1`;
    this.#token = token;
    this.#calls = new Calls(name, signal?.aborted === true);
    signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  /** Sends one request; throws a {@link GatewayError} for every answer that is not expected. */
  send(exchange: Exchange, options: GatewayCallOptions, extraMs = 0): Promise<Answer> {
    const what = `${exchange.method} ${this.#url}${exchange.path}`;
    const hint = 'check that the instance runs and that its admin port can be reached from here';
    return this.#calls.run({ what, hint, extraMs }, options, (signal) => this.#exchange(exchange, signal));
  }

  async close(): Promise<void> {
    this.#calls.close();
    const agent = await this.#agent?.catch(() => undefined);
    this.#agent = undefined;
    await agent?.destroy();
  }

  /** An answer that can't be understood. The write may have happened; sending it again is safe. */
  badAnswer(what: string, path: string, cause?: unknown): GatewayError {
    return new GatewayError('BAD_ANSWER', `${this.#name}: ${what} (${this.#url}${path})`, {
      path: this.#name,
      hint: 'check that the URL leads to a yz7 admin API and that nothing between changes its answers',
      retryable: true,
      cause,
    });
  }

  async #exchange({ method, path, body, accept = [] }: Exchange, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const token = typeof this.#token === 'string' ? this.#token : await this.#token();
    const dispatcher = await (this.#agent ??= import('undici').then(
      ({ Agent }) =>
        new Agent({
          keepAliveTimeout: idleConnectionMs,
          maxResponseSize: largestAnswerBytes,
          headersTimeout: 0,
          bodyTimeout: 0,
        }),
    ));
    const {
      statusCode,
      headers,
      body: stream,
    } = await dispatcher.request({
      origin: new URL(this.#url).origin,
      path: `${new URL(this.#url).pathname}${path}`,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
      signal,
    });
    const text = await stream.text();
    const isExpected = (statusCode >= 200 && statusCode < 300) || accept.includes(statusCode);
    if (!isExpected) {
      const retryAfter = single(headers['retry-after']);
      throw refusalOf({ name: this.#name, what: `${method} ${path}`, status: statusCode, text, retryAfter });
    }
    const storeId = single(headers['x-store']);
    if (storeId === undefined) throw this.badAnswer('the answer has no X-Store', path);
    return { status: statusCode, text, digest: single(headers['x-digest']), storeId };
  }
}
