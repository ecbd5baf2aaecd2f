import { KubeError } from '../../../src/kube/index.js';
import type { ClusterApi, SliceEntry, Watcher } from '../cluster/api.js';
import type { Random } from '../random.js';
import type { Timeline } from '../timeline.js';
import type { Host } from './host.js';

const bookmarkMs = 60_000;

/** The way from one process to one cluster's API, with everything that can happen to it. */
export class ApiLink {
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #host: Host;
  readonly #streams = new Set<WatchStream>();
  #mode: 'ok' | 'hang' | 'reset' = 'ok';
  /** The next list is answered by a server that lags by so many slice writes. */
  staleBy = 0;

  constructor(
    timeline: Timeline,
    random: Random,
    host: Host,
    readonly api: ClusterApi,
  ) {
    this.#timeline = timeline;
    this.#random = random;
    this.#host = host;
  }

  get isOpen(): boolean {
    return this.#mode === 'ok';
  }

  /** Nothing is answered, and nothing says so. */
  hang(): void {
    this.#mode = 'hang';
  }

  reset(): void {
    this.#mode = 'reset';
    this.cutStreams();
  }

  /** Streams that hung go on, or with `areDead` stay silent for good: only the watchdog notices. */
  heal(areDead = false): void {
    this.#mode = 'ok';
    for (const stream of this.#streams) {
      if (areDead) stream.die();
      else stream.flushSoon();
    }
  }

  cutStreams(): void {
    for (const stream of [...this.#streams]) stream.cut();
  }

  /** A call with a deadline. What arrives is done, also when nobody hears the answer. */
  call<T>(timeoutMs: number, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const started = this.#host.clock.now();
      let isDone = false;
      const timeout = (): void => reject(new KubeError('KUBE_TIMEOUT', `no answer within ${timeoutMs} ms`));
      const answer = (settle: () => void): void => {
        if (isDone) return;
        this.#host.receive(() => {
          if (isDone) return;
          isDone = true;
          if (this.#host.clock.now() - started > timeoutMs) timeout();
          else settle();
          this.#timeline.noteSettled();
        });
      };
      const refuse = (): void => answer(() => reject(new KubeError('KUBE_UNREACHABLE', 'connection reset')));
      this.#timeline.after(timeoutMs, () => answer(timeout));
      this.#timeline.after(this.#latency(), () => {
        if (this.#mode === 'reset') {
          refuse();
          return;
        }
        if (this.#mode === 'hang' && this.#random.chance(0.7)) return;
        let settle: () => void;
        try {
          const value = work();
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error instanceof Error ? error : new Error(String(error)));
        }
        this.#timeline.after(this.#latency(), () => {
          if (this.#mode === 'reset') refuse();
          else if (this.#mode === 'ok') answer(settle);
        });
      });
    });
  }

  list(): Promise<ReturnType<ClusterApi['list']>> {
    return this.call(15_000, () => {
      const age = this.staleBy;
      this.staleBy = 0;
      return this.api.list(age);
    });
  }

  /** Opens a watch; the answer says how many entries it owes from before. */
  watch(version: number, handlers: StreamHandlers): Promise<{ readonly owed: number; open(): void; close(): void }> {
    return this.call(15_000, () => {
      const owed = this.api.entriesAfter(version);
      const stream = new WatchStream(this.#timeline, this.#host, version, handlers, {
        isOpen: () => this.isOpen,
        latency: () => this.#latency(),
        closed: () => this.#streams.delete(stream),
      });
      const detach = this.api.attach(stream);
      stream.onEnd = detach;
      this.#streams.add(stream);
      for (const entry of owed) stream.push(entry);
      stream.bookmarkLater();
      return { owed: owed.length, open: () => stream.open(), close: () => stream.close() };
    });
  }

  #latency(): number {
    return this.#random.chance(0.05) ? this.#random.between(50, 600) : this.#random.between(1, 25);
  }
}

interface StreamHandlers {
  readonly onEntries: (entries: readonly SliceEntry[]) => void;
  readonly onBookmark: (version: number) => void;
  readonly onBroken: (error: KubeError) => void;
}

/** One open watch: entries in order, as fast as the link lets them. */
class WatchStream implements Watcher {
  readonly #timeline: Timeline;
  readonly #host: Host;
  readonly #handlers: StreamHandlers;
  readonly #link: { isOpen(): boolean; latency(): number; closed(): void };
  readonly #from: number;
  #pending: SliceEntry[] = [];
  #isOpen = false;
  #isDead = false;
  #isClosed = false;
  onEnd: () => void = () => undefined;

  constructor(
    timeline: Timeline,
    host: Host,
    from: number,
    handlers: StreamHandlers,
    link: { isOpen(): boolean; latency(): number; closed(): void },
  ) {
    this.#timeline = timeline;
    this.#host = host;
    this.#from = from;
    this.#handlers = handlers;
    this.#link = link;
  }

  push(entry: SliceEntry): void {
    // A server sends nothing that is older than what was asked for: after a restore it is silent for long.
    if (entry.version <= this.#from) return;
    this.#pending.push(entry);
    this.flushSoon();
  }

  flushSoon(): void {
    this.#timeline.after(this.#link.latency(), () => {
      const isSilent = this.#isDead || !this.#isOpen || !this.#link.isOpen();
      if (isSilent || this.#isClosed || this.#pending.length === 0) return;
      const batch = this.#pending;
      this.#pending = [];
      this.#host.receive(() => {
        if (!this.#isClosed) this.#handlers.onEntries(batch);
      });
    });
  }

  /** The head of the answer has come: entries may follow. */
  open(): void {
    this.#isOpen = true;
    this.flushSoon();
  }

  bookmarkLater(): void {
    this.#timeline.after(bookmarkMs, () => {
      if (this.#isClosed || this.#isDead) return;
      this.bookmarkLater();
      if (this.#link.isOpen()) this.#host.receive(() => this.#handlers.onBookmark(this.#from));
    });
  }

  die(): void {
    this.#isDead = true;
  }

  cut(): void {
    if (this.#isClosed) return;
    this.close();
    this.#host.receive(() => {
      this.#handlers.onBroken(new KubeError('KUBE_UNREACHABLE', 'the stream broke'));
      this.#timeline.noteSettled();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.onEnd();
    this.#link.closed();
  }
}
