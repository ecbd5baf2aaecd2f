import type {
  CollectionReader,
  KubeObject,
  Reflector,
  ReflectorEvent,
  ReflectorOptions,
  WatchEvent,
} from '../../src/kube/index.js';
import { createReflector, resources } from '../../src/kube/index.js';
import { FakeClock } from './fake-clock.js';
import type { ApiStand, Exchange } from './api-stand.js';
import { clientOf, endWithTest, startStand } from './stands.js';

/** A config map `shop/{name}` whose content is one text. */
export const object = (name: string, resourceVersion: number, text = `${name}@${resourceVersion}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name, resourceVersion: String(resourceVersion) },
  data: { text },
});
export const added = (name: string, version: number, text?: string): WatchEvent => ({
  type: 'ADDED',
  object: object(name, version, text),
});
export const modified = (name: string, version: number, text?: string): WatchEvent => ({
  type: 'MODIFIED',
  object: object(name, version, text),
});
export const deleted = (name: string, version: number): WatchEvent => ({
  type: 'DELETED',
  object: object(name, version),
});
export const bookmark = (version: number, annotations?: Record<string, string>): WatchEvent => ({
  type: 'BOOKMARK',
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: '', resourceVersion: String(version), ...(annotations === undefined ? {} : { annotations }) },
  },
});
/** The bookmark that ends a list which comes as a stream. */
export const listEnd = (version: number): WatchEvent => bookmark(version, { 'k8s.io/initial-events-end': 'true' });
export const errorEvent = (code: number, message: string): WatchEvent => ({
  type: 'ERROR',
  object: { code, message },
});

/** The text of an object: `ignored` is of no interest, `bad` can't be read. */
export function decode({ data }: KubeObject): string | undefined {
  const { text } = data as { readonly text: string };
  if (text === 'bad') throw new Error('it is bad');
  return text === 'ignored' ? undefined : text;
}

export interface Reflected {
  readonly reflector: Reflector;
  readonly clock: FakeClock;
  /** What the events add up to. */
  readonly store: Map<string, string>;
  /** Each event in short, in order. */
  readonly told: string[];
  /** How many events came in each call. */
  readonly calls: number[];
  readonly bad: string[];
  /** Resolves when the look is true, asked after each call. */
  until(look: () => boolean): Promise<void>;
}

/** A reflector of config maps on a fake clock, with what it tells. It always waits the longest that it may. */
export function reflect(client: CollectionReader, more: Partial<ReflectorOptions<string>> = {}): Reflected {
  const clock = new FakeClock();
  const store = new Map<string, string>();
  const told: string[] = [];
  const calls: number[] = [];
  const bad: string[] = [];
  const looks = new Set<() => void>();
  const reflector = createReflector<string>({
    client,
    type: resources.configMaps,
    namespace: 'shop',
    decode,
    onBadObject: (key) => bad.push(key),
    onEvents: (events) => {
      calls.push(events.length);
      for (const event of events) {
        told.push(inShort(event));
        apply(store, event);
      }
      for (const look of [...looks]) look();
    },
    random: () => 1,
    clock,
    ...more,
  });
  endWithTest(() => reflector.stop());
  const until = (look: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        looks.delete(check);
        act();
      };
      const check = (): void => {
        if (look()) end(resolve);
      };
      const timer = setTimeout(() => end(() => reject(new Error(`only told: ${told.join(', ')}`))), 5000);
      looks.add(check);
      check();
    });
  return { reflector, clock, store, told, calls, bad, until };
}

export function apply(store: Map<string, string>, event: ReflectorEvent<string>): void {
  if (event.type === 'replaced') {
    store.clear();
    for (const [key, item] of event.items) store.set(key, item);
  } else if (event.type === 'upserted') store.set(event.key, event.item);
  else if (event.type === 'removed') store.delete(event.key);
}

function inShort(event: ReflectorEvent<string>): string {
  switch (event.type) {
    case 'replaced':
      return `replaced ${[...event.items.values()].sort().join()} at ${event.resourceVersion}`;
    case 'upserted':
      return `upserted ${event.item}`;
    case 'removed':
      return `removed ${event.key}`;
    case 'bookmark':
      return `bookmark ${event.resourceVersion}`;
    case 'connected':
      return 'connected';
    case 'disconnected':
      return `disconnected ${event.error?.code ?? ''}`;
  }
}

export interface Synced {
  readonly stand: ApiStand;
  readonly seen: Reflected;
  readonly watch: Exchange;
}

/** A reflector whose watch is open, and which has been told `a` at version 5 and what else is given. */
export const synced = (...more: readonly WatchEvent[]): Promise<Synced> => syncedWith({}, ...more);

export async function syncedWith(
  options: Partial<ReflectorOptions<string>>,
  ...more: readonly WatchEvent[]
): Promise<Synced> {
  const stand = await startStand();
  const seen = reflect(clientOf(stand), options);
  seen.reflector.start();
  const watch = await stand.next();
  watch.open();
  watch.send(added('a', 5), ...more, listEnd(10));
  await seen.until(() => seen.told.includes('connected'));
  seen.told.length = 0;
  return { stand, seen, watch };
}
