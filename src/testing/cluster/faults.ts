import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, expired } from './api-error.js';
import type { MemoryStore } from './memory-store.js';
import { WriteLog, type ApiWrite } from './write-log.js';

/** How an answer is refused instead of given. */
export interface FailedAnswer {
  /** HTTP status, 429 or 5xx. */
  readonly status: number;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Only requests with this method; default all. */
  readonly method?: string;
  /** Only requests whose path matches; default all. */
  readonly path?: RegExp;
}

/** A watch that is open, as the faults see it. */
export interface OpenWatch {
  readonly path: string;
  /** Sends an ERROR event with this Status body. */
  sendError(error: ApiError): void;
  /** The next event is cut in the middle of its line, and the connection with it. */
  truncateNext(): void;
  end(): void;
}

const reasons: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

const overload = 'Too many requests, please try again later.';

/** The 429 of a server that has too much to do; that of an eviction has a cause. */
export const isOverload = (error: ApiError): boolean => error.status === 429 && error.message === overload;

const failure = ({ status, retryAfterSeconds }: FailedAnswer): ApiError =>
  new ApiError(
    status,
    reasons[status] ?? 'InternalError',
    status === 429 ? overload : `injected fault: ${status}`,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );

/** What a test can do to one embedded API server, and what it can ask it. */
export class ApiFaults {
  readonly #store: MemoryStore;
  readonly #log = new WriteLog();
  readonly #failures: { readonly answer: FailedAnswer; left: number }[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<OpenWatch>();
  readonly #waiting: (() => void)[] = [];
  readonly #held: { readonly socket: Socket; readonly accept: () => void }[] = [];
  #mode: 'none' | 'stall' | 'partition' = 'none';
  #drip: { readonly bytes: number; readonly everyMs: number } | undefined;
  #expiredAsStatus = false;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  /** From now on nothing is answered and every watch is silent; connections are accepted. Until `heal`. */
  stall(): void {
    this.#mode = 'stall';
  }

  /** As `stall`, and new connections hang before TLS: the server is unreachable. Until `heal`. */
  partition(): void {
    this.#mode = 'partition';
  }

  /**
   * Ends stall, partition, drip, clock skew and refusals. Requests that still wait are answered, what the watches missed is sent;
   * a request whose client has gone is dropped.
   */
  heal(): void {
    this.#mode = 'none';
    this.#drip = undefined;
    this.#expiredAsStatus = false;
    this.#store.skewClock(0);
    this.#failures.length = 0;
    for (const { socket, accept } of this.#held.splice(0)) if (!socket.destroyed) accept();
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Cuts every connection with a TCP reset; new ones are accepted. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Every open watch ends in the middle of its next line. */
  truncateWatches(): void {
    for (const watch of this.#watches) watch.truncateNext();
  }

  /** Sends an ERROR event to every open watch and leaves the streams open; default a 500. */
  errorInWatches(status = 500): void {
    for (const watch of this.#watches) watch.sendError(failure({ status }));
  }

  /** Ends every open watch as its timeout would. */
  endWatches(): void {
    for (const watch of [...this.#watches]) watch.end();
  }

  /**
   * Compacts the history: every resourceVersion before the present one is 410 from now on. Open watches get the 410 as
   * an ERROR event and end. A watch that is opened too late gets the same, or with `as: 'status'` an HTTP 410.
   */
  expire(options: { readonly as?: 'event' | 'status' } = {}): void {
    this.#store.compact();
    this.#expiredAsStatus = options.as === 'status';
    for (const watch of [...this.#watches]) {
      watch.sendError(expired('The resourceVersion for the provided watch is too old.'));
      watch.end();
    }
  }

  /** The next `count` requests that fit are refused with this answer, before anything is done. */
  failNext(count: number, answer: FailedAnswer): void {
    this.#failures.push({ answer, left: count });
  }

  /** All writes to paths that match are refused; default 503. Call the result, or `heal`, to end it. */
  refuseWrites(path: RegExp, status = 503): () => void {
    const rules = ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
      answer: { status, path, method },
      left: Number.POSITIVE_INFINITY,
    }));
    this.#failures.push(...rules);
    return () => {
      for (const rule of rules) rule.left = 0;
    };
  }

  /** Every timestamp that the server sets is so many milliseconds ahead, or behind. Until `heal`. */
  skewClock(ms: number): void {
    this.#store.skewClock(ms);
  }

  /** Every answer and event comes in pieces of `bytes`, one each `everyMs`. Until `heal`. */
  drip(bytes: number, everyMs: number): void {
    this.#drip = { bytes, everyMs };
  }

  /** Writes that were asked for, oldest first, refused ones too (see `status`); the newest 10,000. */
  writes(resource?: string): readonly ApiWrite[] {
    return this.#log.entries(resource);
  }

  /** All writes by `METHOD resource`. */
  writeCounts(): Readonly<Record<string, number>> {
    return this.#log.counts();
  }

  /** How many watches are open, of this collection's path when one is given. */
  openWatches(path?: RegExp): number {
    return [...this.#watches].filter((watch) => path === undefined || path.test(watch.path)).length;
  }

  /** @internal */
  get isSilent(): boolean {
    return this.#mode !== 'none';
  }

  /** @internal */
  get isDripping(): boolean {
    return this.#drip !== undefined;
  }

  /** @internal */
  get expiredAsStatus(): boolean {
    return this.#expiredAsStatus;
  }

  /** @internal Takes a new connection, or keeps it waiting. */
  admit(socket: Socket, accept: () => void): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (this.#mode === 'partition') this.#held.push({ socket, accept });
    else accept();
  }

  /** @internal Waits while the server is silent. */
  async pass(): Promise<void> {
    while (this.isSilent) await new Promise<void>((resume) => this.#waiting.push(resume));
  }

  /** @internal Throws the answer that a test asked for. */
  check(method: string, path: string): void {
    const rule = this.#failures.find(
      ({ answer, left }) =>
        left > 0 && (answer.method ?? method) === method && (answer.path === undefined || answer.path.test(path)),
    );
    if (rule === undefined) return;
    rule.left -= 1;
    throw failure(rule.answer);
  }

  /** @internal Writes text as the present fault lets it through. */
  async deliver(text: string, write: (piece: string) => void): Promise<void> {
    await this.pass();
    for (let rest = text; rest !== '';) {
      const { bytes, everyMs } = this.#drip ?? { bytes: rest.length, everyMs: 0 };
      write(rest.slice(0, bytes));
      rest = rest.slice(bytes);
      if (rest !== '') await delay(everyMs, undefined, { ref: false });
    }
  }

  /** @internal */
  record(write: ApiWrite): void {
    this.#log.add(write);
  }

  /** @internal Returns the way to forget the watch. */
  track(watch: OpenWatch): () => void {
    this.#watches.add(watch);
    return () => void this.#watches.delete(watch);
  }

  /** @internal Ends everything that waits. */
  close(): void {
    this.#mode = 'none';
    this.#held.length = 0;
    for (const socket of this.#sockets) socket.destroy();
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
