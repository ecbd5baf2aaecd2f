// The part of an API server that keeps a collection: history, compaction, streaming lists, pages, and faults on demand.
import {
  type CollectionReader,
  KubeError,
  type KubeErrorCode,
  type KubeList,
  type ListOptions,
  type ResourceType,
  type WatchEvent,
  type WatchOptions,
} from '../../src/kube/index.js';
import { bookmark, errorEvent, listEnd, object } from './reflecting.js';

const pageSize = 2;

/** What a watch gets next: an event, its end, or a break. */
type Item = { readonly event: WatchEvent } | { readonly end: 'good' | KubeError };

interface Session {
  readonly items: Item[];
  wake: () => void;
  /** Nothing arrives any more, and nobody says so. */
  isDead: boolean;
}

export class CollectionServer implements CollectionReader {
  /** What the collection held at each version, by key. */
  readonly states = new Map<number, ReadonlyMap<string, string>>([[1, new Map()]]);
  readonly #changes: { readonly version: number; readonly event: WatchEvent }[] = [];
  readonly #sessions = new Set<Session>();
  readonly #refusals: KubeError[] = [];
  readonly #streamsLists: boolean;
  /** Sorts initial events, which come in any order. */
  readonly #shuffle: (index: number) => number;
  #version = 1;
  #oldest = 1;

  constructor({
    streamsLists,
    shuffle,
  }: {
    readonly streamsLists: boolean;
    readonly shuffle: (index: number) => number;
  }) {
    this.#streamsLists = streamsLists;
    this.#shuffle = shuffle;
  }

  get state(): ReadonlyMap<string, string> {
    return this.states.get(this.#version) ?? new Map();
  }

  put(name: string): void {
    const version = this.#version + 1;
    const one = object(name, version);
    const type = this.state.has(`shop/${name}`) ? 'MODIFIED' : 'ADDED';
    this.#store(version, { type, object: one }, new Map([...this.state, [`shop/${name}`, `${name}@${version}`]]));
  }

  remove(name: string): void {
    if (!this.state.has(`shop/${name}`)) return;
    const version = this.#version + 1;
    const rest = [...this.state].filter(([key]) => key !== `shop/${name}`);
    this.#store(version, { type: 'DELETED', object: object(name, version) }, new Map(rest));
  }

  /** Forgets what happened before now. */
  compact(): void {
    this.#oldest = this.#version;
  }

  /** A change that no stream sees, and that is soon forgotten. */
  changeUnseen(name: string): void {
    this.breakStreams();
    this.put(name);
    this.compact();
  }

  bookmark(): void {
    this.#send({ event: bookmark(this.#version) });
  }

  /** Sends the last change once more. */
  repeat(): void {
    const last = this.#changes.at(-1);
    if (last !== undefined) this.#send({ event: last.event });
  }

  endStreams(): void {
    this.#send({ end: 'good' });
  }

  breakStreams(): void {
    this.#send({ end: new KubeError('KUBE_UNREACHABLE', 'the connection broke') });
  }

  /** An ERROR event, with the stream open behind it. */
  fail(code: number): void {
    this.#send({ event: errorEvent(code, 'it failed') });
  }

  killStreams(): void {
    for (const session of this.#sessions) session.isDead = true;
  }

  /** The next request, list or watch, is refused. */
  refuse(code: KubeErrorCode, retryAfterMs: number): void {
    this.#refusals.push(new KubeError(code, 'refused', { retryAfterMs }));
  }

  heal(): void {
    this.#refusals.length = 0;
  }

  list(_type: ResourceType, { continue: token }: ListOptions): Promise<KubeList> {
    const refusal = this.#refusals.shift();
    if (refusal !== undefined) return Promise.reject(refusal);
    const [version = this.#version, from = 0] = token?.split('/').map(Number) ?? [];
    if (version < this.#oldest) return Promise.reject(new KubeError('KUBE_GONE', 'the token has expired'));
    const items = this.#objectsAt(version);
    return Promise.resolve({
      resourceVersion: String(version),
      continue: from + pageSize < items.length ? `${version}/${from + pageSize}` : undefined,
      items: items.slice(from, from + pageSize),
    });
  }

  async *watch(_type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const { sendInitialEvents = false, resourceVersion = '', signal } = options;
    const refusal = this.#refusals.shift();
    if (refusal !== undefined) throw refusal;
    if (sendInitialEvents && !this.#streamsLists) throw new KubeError('KUBE_INVALID', 'no streaming lists');
    const session: Session = { items: [], wake: () => undefined, isDead: false };
    const stop = (): void => session.wake();
    signal?.addEventListener('abort', stop);
    this.#sessions.add(session);
    session.items.push(...(sendInitialEvents ? this.#initialEvents() : this.#since(Number(resourceVersion))));
    try {
      options.onOpen?.();
      for (;;) {
        if (signal?.aborted === true) throw new KubeError('KUBE_ABORTED', 'aborted');
        const item = session.isDead ? undefined : session.items.shift();
        if (item === undefined) await new Promise<void>((resolve) => (session.wake = resolve));
        else if ('event' in item) yield structuredClone(item.event);
        else if (item.end === 'good') return;
        else throw item.end;
      }
    } finally {
      this.#sessions.delete(session);
      signal?.removeEventListener('abort', stop);
    }
  }

  #store(version: number, event: WatchEvent, state: ReadonlyMap<string, string>): void {
    this.#version = version;
    this.states.set(version, state);
    this.#changes.push({ version, event });
    this.#send({ event });
  }

  #send(item: Item): void {
    for (const session of this.#sessions) {
      session.items.push(item);
      session.wake();
    }
  }

  #objectsAt(version: number): ReturnType<typeof object>[] {
    return [...(this.states.get(version) ?? [])].map(([key, text]) =>
      object(key.replace('shop/', ''), Number(text.split('@')[1])),
    );
  }

  #initialEvents(): Item[] {
    const objects = this.#objectsAt(this.#version)
      .map((one, index) => ({ one, place: this.#shuffle(index) }))
      .sort((left, right) => left.place - right.place);
    return [
      ...objects.map(({ one }): Item => ({ event: { type: 'ADDED', object: one } })),
      { event: listEnd(this.#version) },
    ];
  }

  #since(version: number): Item[] {
    if (version < this.#oldest) return [{ event: errorEvent(410, 'too old resource version') }];
    return this.#changes.filter((change) => change.version > version).map(({ event }) => ({ event }));
  }
}
