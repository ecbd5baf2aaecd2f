import type { KubeObject, WatchEvent } from './object.js';

/** What a reflector says of a collection, in order. Keys are `namespace/name`. */
export type CollectionEvent<T> =
  /** A complete list as of `resourceVersion`: what is not in it is not there. */
  | { readonly type: 'replaced'; readonly items: ReadonlyMap<string, T>; readonly resourceVersion: string }
  | { readonly type: 'upserted'; readonly key: string; readonly item: T; readonly resourceVersion: string }
  | { readonly type: 'removed'; readonly key: string; readonly resourceVersion: string }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

export interface CollectionOptions<T> {
  /** A compact record of what is needed of an object, or undefined to leave it out. What it throws is one bad object. */
  decode(object: KubeObject): T | undefined;
  onBadObject?(key: string, error: unknown): void;
}

const initialEventsEnd = 'k8s.io/initial-events-end';

/**
 * A collection as its lists and watch events tell it. An object that can't be read keeps the last form that could: not
 * seeing it is no reason to take it for removed.
 */
export class WatchedCollection<T> {
  readonly #options: CollectionOptions<T>;
  readonly #items = new Map<string, T>();
  /** A list that is not yet complete. */
  #list: Map<string, T> | undefined;
  #resourceVersion = '';

  constructor(options: CollectionOptions<T>) {
    this.#options = options;
  }

  /** What a watch goes on from; empty when there must be a list first. */
  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get isListing(): boolean {
    return this.#list !== undefined;
  }

  /** What was seen can't be gone on from. What is known stays until a new list is complete. */
  expire(): void {
    this.#resourceVersion = '';
  }

  beginList(): void {
    this.#list = new Map();
  }

  listed(object: KubeObject): void {
    const key = keyOf(object);
    const item = this.#read(key, object);
    if (item === undefined) this.#list?.delete(key);
    else this.#list?.set(key, item);
  }

  endList(resourceVersion: string): CollectionEvent<T> {
    this.#items.clear();
    const items = this.#list ?? new Map<string, T>();
    this.#list = undefined;
    for (const [key, item] of items) this.#items.set(key, item);
    this.#resourceVersion = resourceVersion;
    return { type: 'replaced', items, resourceVersion };
  }

  /** One event of a watch, which may belong to a list that comes as a stream. Undefined when it changes nothing. */
  event({ type, object }: Exclude<WatchEvent, { type: 'ERROR' }>): CollectionEvent<T> | undefined {
    if (this.#list !== undefined) return this.#initial(type, object, this.#list);
    const resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    this.#resourceVersion = resourceVersion;
    if (type === 'BOOKMARK') return { type: 'bookmark', resourceVersion };
    const key = keyOf(object);
    const item = type === 'DELETED' ? undefined : this.#read(key, object);
    if (item !== undefined) {
      this.#items.set(key, item);
      return { type: 'upserted', key, item, resourceVersion };
    }
    // An object that is no longer of interest is as good as removed.
    return this.#items.delete(key) ? { type: 'removed', key, resourceVersion } : undefined;
  }

  #initial(
    type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK',
    object: KubeObject,
    list: Map<string, T>,
  ): CollectionEvent<T> | undefined {
    if (type === 'DELETED') list.delete(keyOf(object));
    else if (type !== 'BOOKMARK') this.listed(object);
    else if (object.metadata.annotations?.[initialEventsEnd] === 'true')
      return this.endList(object.metadata.resourceVersion ?? '');
    return undefined;
  }

  #read(key: string, object: KubeObject): T | undefined {
    try {
      return this.#options.decode(object);
    } catch (error) {
      this.#options.onBadObject?.(key, error);
      return this.#list?.get(key) ?? this.#items.get(key);
    }
  }
}

function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
