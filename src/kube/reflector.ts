import { backoffMs } from './backoff.js';
import type { KubeReader } from './client.js';
import { isKubeError, KubeError } from './error.js';
import type { KubeObject, WatchEvent } from './object.js';
import type { ResourceType } from './resource.js';

/** What a reflector says of a collection, in order. Keys are `namespace/name`. */
export type ReflectorEvent<T> =
  /** A complete list as of `resourceVersion`: what is not in it is not there. */
  | { readonly type: 'replaced'; readonly items: ReadonlyMap<string, T>; readonly resourceVersion: string }
  | { readonly type: 'upserted'; readonly key: string; readonly item: T; readonly resourceVersion: string }
  | { readonly type: 'removed'; readonly key: string; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** The stream is open; what follows is complete from here on. */
  | { readonly type: 'connected' }
  /** Nothing is known of what happens from now on until the next `replaced` or `connected`. */
  | { readonly type: 'disconnected'; readonly error: KubeError | undefined };

export interface ReflectorTimings {
  /** Without event or bookmark for so long, the stream is taken for dead. Default 90,000. */
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

export interface ReflectorOptions<T> {
  readonly client: KubeReader;
  readonly type: ResourceType;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** A compact record of what is needed of an object, or undefined to leave it out. What it throws is one bad object. */
  decode(object: KubeObject): T | undefined;
  /** Called with at least one event; must not throw. */
  onEvents(events: readonly ReflectorEvent<T>[]): void;
  onBadObject?(key: string, error: unknown): void;
  readonly timings?: Partial<ReflectorTimings> | undefined;
  readonly random?: (() => number) | undefined;
}

export interface Reflector {
  /** True once a complete list was seen. */
  readonly hasSynced: boolean;
  start(): void;
  /** Ends the stream and waits for it; safe to call twice. */
  stop(): Promise<void>;
}

const initialEventsEnd = 'k8s.io/initial-events-end';
/** Objects decoded before the event loop gets a turn. */
const linesPerTurn = 500;
const pageSize = 500;

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

type Outcome = 'again' | 'relist';

class ListWatcher<T> implements Reflector {
  readonly #options: ReflectorOptions<T>;
  readonly #timings: ReflectorTimings;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #synced = false;
  #streamingLists = true;
  #resourceVersion = '';
  #pending: ReflectorEvent<T>[] = [];

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timings = { ...reflectorTimings, ...options.timings };
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let failures = 0;
    let gone = 0;
    while (!signal.aborted) {
      let error: unknown;
      try {
        const outcome = this.#resourceVersion === '' ? await this.#relist() : await this.#watch();
        failures = 0;
        if (outcome === 'again') {
          gone = 0;
          continue;
        }
        error = new KubeError('KUBE_GONE', 'the resource version is no longer kept');
      } catch (caught) {
        error = caught;
      }
      if (isStopped(signal)) return;
      if (isKubeError(error, 'KUBE_GONE')) {
        this.#resourceVersion = '';
        gone += 1;
        this.#emit({ type: 'disconnected', error });
        // The first new list comes at once; a server that says 410 again and again is given time.
        if (gone > 1) await this.#wait(backoffMs(gone, this.#backoff()));
        continue;
      }
      failures += 1;
      const known = isKubeError(error) ? error : new KubeError('KUBE_UNREACHABLE', String(error), { cause: error });
      this.#emit({ type: 'disconnected', error: known });
      await this.#wait(Math.max(known.retryAfterMs ?? 0, backoffMs(failures - 1, this.#backoff())));
    }
  }

  #backoff(): { baseMs: number; maxMs: number; random?: () => number } {
    const { random } = this.#options;
    return {
      baseMs: this.#timings.backoffBaseMs,
      maxMs: this.#timings.backoffMaxMs,
      ...(random === undefined ? {} : { random }),
    };
  }

  async #relist(): Promise<Outcome> {
    if (!this.#streamingLists) return await this.#pagedList();
    try {
      return await this.#watch({ initial: true });
    } catch (error) {
      // An older server refuses the option.
      if (!isKubeError(error, 'KUBE_INVALID')) throw error;
      this.#streamingLists = false;
      return await this.#pagedList();
    }
  }

  async #pagedList(): Promise<Outcome> {
    const { client, type, namespace, labelSelector } = this.#options;
    const items = new Map<string, T>();
    let next: string | undefined;
    let resourceVersion: string;
    do {
      const page = await client.list(type, {
        namespace,
        labelSelector,
        limit: pageSize,
        continue: next,
        signal: this.#stop.signal,
        timeoutMs: 30_000,
      });
      for (const object of page.items) {
        const item = this.#decode(object);
        if (item !== undefined) items.set(keyOf(object), item);
      }
      resourceVersion = page.resourceVersion;
      next = page.continue;
    } while (next !== undefined);
    this.#replace(items, resourceVersion);
    return 'again';
  }

  async #watch({ initial = false } = {}): Promise<Outcome> {
    const { client, type, namespace, labelSelector, random = Math.random } = this.#options;
    const { serverTimeoutMinMs, serverTimeoutMaxMs, idleMs } = this.#timings;
    const idle = new AbortController();
    const timeoutMs = serverTimeoutMinMs + random() * (serverTimeoutMaxMs - serverTimeoutMinMs);
    const stream = client.watch(type, {
      namespace,
      labelSelector,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.max(1, Math.round(timeoutMs / 1000)),
      signal: AbortSignal.any([this.#stop.signal, idle.signal]),
      ...(initial
        ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' as const }
        : { resourceVersion: this.#resourceVersion }),
    });
    const started = performance.now();
    let watchdog = setTimeout(() => idle.abort(), idleMs);
    let list: Map<string, T> | undefined = initial ? new Map() : undefined;
    if (!initial) this.#emit({ type: 'connected' });
    let lines = 0;
    try {
      for await (const event of stream) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => idle.abort(), idleMs);
        if (event.type === 'ERROR') {
          if (event.object.code === 410) return 'relist';
          throw new KubeError(
            'KUBE_SERVER_ERROR',
            `the watch of ${type.plural} got an error: ${event.object.message ?? event.object.reason ?? 'no message'}`,
          );
        }
        if (list !== undefined) list = this.#initialEvent(list, event);
        else this.#event(event);
        lines += 1;
        if (lines % linesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (list !== undefined)
        throw new KubeError('KUBE_UNREACHABLE', `the list of ${type.plural} ended before it was complete`);
      // A server that ends each stream at once is not asked without pause.
      if (performance.now() - started < 1000) await this.#wait(backoffMs(0, this.#backoff()));
      return 'again';
    } catch (error) {
      if (idle.signal.aborted) {
        this.#resourceVersion = '';
        throw new KubeError('KUBE_TIMEOUT', `the watch of ${type.plural} was silent for ${idleMs} ms`, {
          cause: error,
        });
      }
      throw error;
    } finally {
      clearTimeout(watchdog);
    }
  }

  /** Collects a streaming list; its end replaces everything. */
  #initialEvent(list: Map<string, T>, event: Exclude<WatchEvent, { type: 'ERROR' }>): Map<string, T> | undefined {
    const { object, type } = event;
    if (type === 'BOOKMARK') {
      if (object.metadata.annotations?.[initialEventsEnd] !== 'true') return list;
      this.#replace(list, object.metadata.resourceVersion ?? '');
      return undefined;
    }
    const item = type === 'DELETED' ? undefined : this.#decode(object);
    if (item === undefined) list.delete(keyOf(object));
    else list.set(keyOf(object), item);
    return list;
  }

  #event({ type, object }: Exclude<WatchEvent, { type: 'ERROR' }>): void {
    const resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    this.#resourceVersion = resourceVersion;
    if (type === 'BOOKMARK') {
      this.#emit({ type: 'bookmark', resourceVersion });
      return;
    }
    const key = keyOf(object);
    if (type === 'DELETED') {
      this.#emit({ type: 'removed', key, resourceVersion });
      return;
    }
    const item = this.#decode(object);
    // An object that is no longer of interest is as good as removed; one that can't be read keeps its last good form.
    if (item !== undefined) this.#emit({ type: 'upserted', key, item, resourceVersion });
    else if (!this.#lastWasBad) this.#emit({ type: 'removed', key, resourceVersion });
  }

  #lastWasBad = false;

  #decode(object: KubeObject): T | undefined {
    this.#lastWasBad = false;
    try {
      return this.#options.decode(object);
    } catch (error) {
      this.#lastWasBad = true;
      this.#options.onBadObject?.(keyOf(object), error);
      return undefined;
    }
  }

  #replace(items: ReadonlyMap<string, T>, resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#synced = true;
    this.#emit({ type: 'replaced', items, resourceVersion });
    this.#emit({ type: 'connected' });
  }

  /** Events of one turn of the event loop go out together. */
  #emit(event: ReflectorEvent<T>): void {
    this.#pending.push(event);
    if (this.#pending.length > 1) return;
    queueMicrotask(() => {
      const events = this.#pending;
      this.#pending = [];
      if (events.length > 0) this.#options.onEvents(events);
    });
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

const isStopped = (signal: AbortSignal): boolean => signal.aborted;

function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
