import { setMaxListeners } from 'node:events';
import { GatewayError } from './error.js';
import type { GatewayCallOptions } from './gateway.js';

const defaultTimeoutMs = 5_000;

/** What ended a call before its answer. */
type Ended = 'timeout' | 'aborted' | 'closed';

/** How a call is named in an error, and what to do when the instance can't be reached. */
export interface CallWords {
  readonly what: string;
  readonly hint: string;
  /** Over the call's deadline, for a call that waits. Default 0. */
  readonly extraMs?: number;
}

/** One client's calls under way: each ends at its deadline, by its signal, or when the client is closed. */
export class Calls {
  readonly #name: string;
  readonly #ends = new Set<() => void>();
  #isClosed: boolean;

  constructor(name: string, isClosed = false) {
    this.#name = name;
    this.#isClosed = isClosed;
  }

  /** Whatever the body throws that is no {@link GatewayError} becomes one: late, aborted, or not reached. */
  async run<T>(
    { what, hint, extraMs = 0 }: CallWords,
    options: GatewayCallOptions,
    body: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = (options.timeoutMs ?? defaultTimeoutMs) + extraMs;
    const ending = new AbortController();
    const end = (why: Ended) => (): void => ending.abort(why);
    const onAborted = end('aborted');
    const onClosed = end('closed');
    if (options.signal?.aborted === true) onAborted();
    if (this.#isClosed) onClosed();
    const timer = setTimeout(end('timeout'), timeoutMs);
    // One signal may stand over any number of calls.
    if (options.signal) setMaxListeners(0, options.signal);
    options.signal?.addEventListener('abort', onAborted);
    this.#ends.add(onClosed);
    try {
      return await body(ending.signal);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw this.#lost(`${this.#name}: ${what}`, hint, error, ending.signal, timeoutMs);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAborted);
      this.#ends.delete(onClosed);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#ends]) end();
  }

  #lost(what: string, hint: string, cause: unknown, signal: AbortSignal, timeoutMs: number): GatewayError {
    const ended: unknown = signal.aborted ? signal.reason : undefined;
    const path = this.#name;
    if (ended === 'timeout') {
      const message = `${what} had no answer within ${timeoutMs} ms`;
      return new GatewayError('TIMEOUT', message, { path, retryable: true, cause });
    }
    if (ended !== undefined) {
      const message = ended === 'closed' ? `${what}: this client is closed` : `${what} was aborted`;
      return new GatewayError('ABORTED', message, { path, cause });
    }
    const message = `${what} failed: ${messageOf(cause)}`;
    return new GatewayError('UNREACHABLE', message, { path, hint, retryable: true, cause });
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? `${error.code} ${error.message}` : error.message;
}
