import { afterAttempt, type Attempt, type Failures, noFailures } from './attempt.js';
import type { ListOptions, WatchOptions } from './client.js';
import { type Clock, systemClock } from './clock.js';
import { isKubeError, KubeError } from './error.js';
import type { KubeList, WatchEvent } from './object.js';
import type { ResourceType } from './resource.js';
import { type CollectionEvent, type CollectionOptions, WatchedCollection } from './watched-collection.js';
import { Watchdog } from './watchdog.js';

/** What a reflector says of a collection and of its sight of it, in order. */
export type ReflectorEvent<T> =
  | CollectionEvent<T>
  /** The stream is open; what follows is complete from here on. */
  | { readonly type: 'connected' }
  /** Nothing is known of what happens from now on until the next `replaced` or `connected`. */
  | { readonly type: 'disconnected'; readonly error: KubeError | undefined };

export interface ReflectorTimings {
  /** Without event or bookmark for so long, in one watch or several, sight is taken for lost: a new list. Default 90,000. */
  readonly idleMs: number;
  /** The server ends a watch after a random time between these. Default 300,000 and 600,000. */
  readonly serverTimeoutMinMs: number;
  readonly serverTimeoutMaxMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

export const reflectorTimings: ReflectorTimings = {
  idleMs: 90_000,
  serverTimeoutMinMs: 300_000,
  serverTimeoutMaxMs: 600_000,
  backoffBaseMs: 200,
  backoffMaxMs: 30_000,
};

/** What a reflector needs of a client. */
export interface CollectionReader {
  list(type: ResourceType, options: ListOptions): Promise<KubeList>;
  watch(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent>;
}

export interface ReflectorOptions<T> extends CollectionOptions<T> {
  readonly client: CollectionReader;
  readonly type: ResourceType;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Called with at least one event; must not throw. */
  onEvents(events: readonly ReflectorEvent<T>[]): void;
  /**
   * What follows a watch that broke, or that its server ended before its time: another watch from where it was (`resume`),
   * or a new list (`list`). A cluster that was restored from a backup meanwhile may take such a watch up without a word of
   * what was lost. Default: `resume`.
   */
  readonly afterBreak?: 'resume' | 'list' | undefined;
  readonly timings?: Partial<ReflectorTimings> | undefined;
  /** Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
}

export interface Reflector {
  /** True once a complete list was told. */
  readonly hasSynced: boolean;
  start(): void;
  /** Ends the stream and waits for it; nothing is told any more. Safe to call twice. */
  stop(): Promise<void>;
}

/** Objects decoded before the event loop gets a turn. */
const objectsPerTurn = 50;
const pageSize = 500;
const pageTimeoutMs = 30_000;
/** A watch that ends so much before its time has had its time: the server's clock began earlier. */
const endToleranceMs = 2000;

/**
 * Keeps telling what a collection holds: a streaming list (or pages, where the server has none), then a watch, over and
 * over, with backoff. One 410 means a new list at once; a broken stream is taken up where it ended.
 *
 * @example
 * const reflector = createReflector({ client, type: resources.endpointSlices, decode: (slice) => slice.metadata.name, onEvents: console.log });
 * reflector.start();
 */
export function createReflector<T>(options: ReflectorOptions<T>): Reflector {
  return new ListWatcher(options);
}

/** What one attempt has brought so far. */
interface Heard {
  connectedAtMs: number | undefined;
  beyondList: boolean;
}

class ListWatcher<T> implements Reflector {
  readonly #options: ReflectorOptions<T>;
  readonly #timings: ReflectorTimings;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #collection: WatchedCollection<T>;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #synced = false;
  #streamingLists = true;
  #heardAtMs = 0;
  #decoded = 0;
  #untold: ReflectorEvent<T>[] = [];

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timings = { ...reflectorTimings, ...options.timings };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#collection = new WatchedCollection(options);
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#untold = [];
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { backoffBaseMs: baseMs, backoffMaxMs: maxMs } = this.#timings;
    let failures: Failures = noFailures;
    while (!signal.aborted) {
      const attempt = await this.#attempt();
      if (isStopped(signal)) return;
      if (attempt.end !== 'ended') this.#tell({ type: 'disconnected', error: errorOf(attempt.end) });
      const next = afterAttempt(failures, attempt, { baseMs, maxMs, random: this.#random });
      failures = next.failures;
      if (next.waitMs > 0) await this.#clock.wait(next.waitMs, signal);
    }
  }

  async #attempt(): Promise<Attempt> {
    const heard: Heard = { connectedAtMs: undefined, beyondList: false };
    const ended = (end: Attempt['end']): Attempt => ({
      end,
      lastedMs: heard.connectedAtMs === undefined ? 0 : this.#clock.now() - heard.connectedAtMs,
      progressed: heard.beyondList,
    });
    try {
      await this.#listAndWatch(heard);
      return ended('ended');
    } catch (error) {
      if (isKubeError(error, 'KUBE_GONE')) {
        this.#collection.expire();
        return ended('gone');
      }
      if (this.#options.afterBreak === 'list') this.#collection.expire();
      return ended(isKubeError(error) ? error : new KubeError('KUBE_UNREACHABLE', String(error), { cause: error }));
    }
  }

  async #listAndWatch(heard: Heard): Promise<void> {
    if (this.#clock.now() - this.#heardAtMs >= this.#timings.idleMs) this.#collection.expire();
    if (this.#collection.resourceVersion === '') this.#heardAtMs = this.#clock.now();
    if (this.#collection.resourceVersion === '' && this.#streamingLists) {
      try {
        await this.#watch(heard, { initial: true });
        return;
      } catch (error) {
        // An older server refuses the option.
        if (!isKubeError(error, 'KUBE_INVALID')) throw error;
        this.#streamingLists = false;
      }
    }
    if (this.#collection.resourceVersion === '') await this.#listPages();
    await this.#watch(heard, { initial: false });
  }

  async #listPages(): Promise<void> {
    const { client, type, namespace, labelSelector } = this.#options;
    const call = { namespace, labelSelector, limit: pageSize, signal: this.#stop.signal, timeoutMs: pageTimeoutMs };
    this.#collection.beginList();
    let page = await client.list(type, call);
    for (;;) {
      for (const object of page.items) {
        this.#collection.listed(object);
        await this.#giveTurn();
      }
      if (page.continue === undefined) break;
      page = await client.list(type, { ...call, continue: page.continue });
    }
    this.#tell(this.#collection.endList(page.resourceVersion));
  }

  async #watch(heard: Heard, { initial }: { readonly initial: boolean }): Promise<void> {
    const { client, type, namespace, labelSelector } = this.#options;
    const { serverTimeoutMinMs: minMs, serverTimeoutMaxMs: maxMs, idleMs } = this.#timings;
    const watchdog = new Watchdog(this.#clock, idleMs, this.#heardAtMs);
    const timeoutSeconds = Math.max(1, Math.round((minMs + this.#random() * (maxMs - minMs)) / 1000));
    const connected = (): void => {
      if (heard.connectedAtMs !== undefined || this.#collection.isListing) return;
      heard.connectedAtMs = this.#clock.now();
      this.#tell({ type: 'connected' });
    };
    if (initial) this.#collection.beginList();
    try {
      const stream = client.watch(type, {
        namespace,
        labelSelector,
        allowWatchBookmarks: true,
        timeoutSeconds,
        signal: AbortSignal.any([this.#stop.signal, watchdog.bitten]),
        onOpen: connected,
        ...(initial
          ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' as const }
          : { resourceVersion: this.#collection.resourceVersion }),
      });
      for await (const event of stream) {
        watchdog.heard();
        if (event.type === 'ERROR') throw errorEvent(type, event.object);
        heard.beyondList ||= !this.#collection.isListing;
        const change = this.#collection.event(event);
        if (change !== undefined) this.#tell(change);
        connected();
        await this.#giveTurn();
      }
      if (this.#collection.isListing)
        throw new KubeError('KUBE_UNREACHABLE', `the list of ${type.plural} ended before it was complete`);
      if (this.#options.afterBreak === 'list') this.#expectFullTime(heard, timeoutSeconds);
    } catch (error) {
      if (!watchdog.bitten.aborted) throw error;
      this.#collection.expire();
      throw new KubeError('KUBE_TIMEOUT', `the watch of ${type.plural} was silent for ${idleMs} ms`, { cause: error });
    } finally {
      watchdog.end();
      this.#heardAtMs = watchdog.heardAtMs;
    }
  }

  /** A server that shuts down ends its watches in good order. */
  #expectFullTime({ connectedAtMs = this.#clock.now() }: Heard, timeoutSeconds: number): void {
    const lastedMs = this.#clock.now() - connectedAtMs;
    if (lastedMs >= timeoutSeconds * 1000 - endToleranceMs) return;
    const { plural } = this.#options.type;
    const message = `the watch of ${plural} ended after ${Math.round(lastedMs / 1000)} of ${timeoutSeconds} s`;
    throw new KubeError('KUBE_UNREACHABLE', message);
  }

  async #giveTurn(): Promise<void> {
    this.#decoded += 1;
    if (this.#decoded % objectsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Events of one turn of the event loop go out together. */
  #tell(event: ReflectorEvent<T>): void {
    if (this.#stop.signal.aborted) return;
    this.#untold.push(event);
    if (this.#untold.length > 1) return;
    setImmediate(() => {
      const events = this.#untold;
      this.#untold = [];
      if (events.length === 0) return;
      this.#synced ||= events.some(({ type }) => type === 'replaced');
      this.#options.onEvents(events);
    });
  }
}

const isStopped = (signal: AbortSignal): boolean => signal.aborted;

const errorOf = (end: 'gone' | KubeError): KubeError =>
  end === 'gone' ? new KubeError('KUBE_GONE', 'the resource version is no longer kept') : end;

/** An ERROR event carries a Status; the stream may stay open behind it. */
function errorEvent(
  type: ResourceType,
  status: { readonly code?: number; readonly reason?: string; readonly message?: string },
): KubeError {
  const code = status.code === 410 ? 'KUBE_GONE' : 'KUBE_SERVER_ERROR';
  const said = status.message ?? status.reason ?? 'no message';
  return new KubeError(code, `the watch of ${type.plural} got an error: ${said}`);
}
