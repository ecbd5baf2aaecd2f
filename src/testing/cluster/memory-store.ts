import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../kube/object.js';
import { resources, type ResourceType } from '../../kube/resource.js';
import { admitCreate, admitUpdate, ownCopy, ownedAtCreation, wireTime, type AdmissionContext } from './admission.js';
import { alreadyExists, expired, forbidden, modified, notFound } from './api-error.js';
import {
  checkPreconditions,
  checkSameObject,
  graceOf,
  immutableUid,
  markDeleted,
  type DeleteChoice,
} from './deletion.js';
import { equalJson, freezeDeep, mapAt } from './json.js';
import { kindOf, kinds, type Kind } from './kinds.js';
import { applyConfiguration, recordUpdate, setOwners, type Writer } from './ownership.js';
import type { ClusterStore, StoreEvent } from './store.js';

export interface StoreOptions {
  /** The server's clock; default the machine's. */
  readonly now?: () => Date;
  /** How many changes a watch can go back; default 10,000. */
  readonly history?: number;
}

/** What the API server needs of the store beyond the controllers' {@link ClusterStore}. */
export interface MemoryStore extends ClusterStore {
  /** The resourceVersion of the last change. */
  readonly resourceVersion: number;
  /** A create, update or apply with a subresource, or as a dry run that changes nothing. */
  write(resource: ResourceType, object: KubeObject, who: WriteChoice): KubeObject;
  /** What is left of the object, or the last state of what went. */
  remove(resource: ResourceType, namespace: string, name: string, choice?: DeleteChoice): KubeObject;
  /** A collection as it stood at a resourceVersion; throws 410 when that is compacted. */
  snapshot(resource: ResourceType, namespace: string | undefined, resourceVersion: number): KubeObject[];
  /** Later changes; throws 410 when they are compacted. */
  since(resourceVersion: number): readonly StoreEvent[];
  /** Forgets the history: every older resourceVersion is 410 from now on. */
  compact(): void;
  /** Lets the server's clock run ahead by so many milliseconds, or behind. */
  skewClock(ms: number): void;
}

export interface WriteChoice extends Writer {
  readonly how: 'create' | 'update' | 'apply';
  readonly force?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;
const typeKey = (type: ResourceType): string => `${type.group}/${type.plural}`;
const byKey = (a: KubeObject, b: KubeObject): number =>
  keyOf(a.metadata.namespace, a.metadata.name) < keyOf(b.metadata.namespace, b.metadata.name) ? -1 : 1;

const permanent: ReadonlySet<string> = new Set(['default', 'kube-system']);

/** The objects of one embedded cluster, in memory, with the namespaces `default` and `kube-system`. */
export function createStore(options: StoreOptions = {}): MemoryStore {
  const trueClock = options.now ?? (() => new Date());
  const clock = (): Date => new Date(trueClock().getTime() + skewMs);
  const limit = options.history ?? 10_000;
  const tables = new Map<string, Map<string, KubeObject>>(kinds.map(({ type }) => [typeKey(type), new Map()]));
  const listeners = new Set<(event: StoreEvent) => void>();
  const waiting: StoreEvent[] = [];
  let announcing = false;
  let history: StoreEvent[] = [];
  let compactedAt = 0;
  let version = 0;
  let nextAddress = 1;
  let skewMs = 0;

  const table = (type: ResourceType): Map<string, KubeObject> => {
    const found = tables.get(typeKey(type));
    if (found === undefined) throw new TypeError(`the embedded cluster has no ${type.plural}`);
    return found;
  };
  const find = (type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined =>
    table(type).get(keyOf(type.namespaced ? namespace : undefined, name));

  const context: AdmissionContext = {
    now: clock,
    uid: randomUUID,
    namespace: (name) => find(resources.namespaces, undefined, name),
    clusterIp: () => {
      nextAddress += 1;
      return `10.96.${Math.floor(nextAddress / 250)}.${(nextAddress % 250) + 1}`;
    },
  };

  function publish(
    type: StoreEvent['type'],
    resource: ResourceType,
    object: KubeObject,
    previous?: KubeObject,
  ): KubeObject {
    version += 1;
    const stored = freezeDeep({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } });
    const key = keyOf(resource.namespaced ? stored.metadata.namespace : undefined, stored.metadata.name);
    if (type === 'DELETED') table(resource).delete(key);
    else table(resource).set(key, stored);
    const event: StoreEvent = { type, resource, object: stored, previous, resourceVersion: version };
    history.push(event);
    if (history.length > limit * 1.5) {
      compactedAt = history[history.length - limit - 1]?.resourceVersion ?? compactedAt;
      history = history.slice(-limit);
    }
    announce(event);
    if (type === 'DELETED' && stored.metadata.namespace !== undefined) finishNamespace(stored.metadata.namespace);
    return stored;
  }

  /** In order for every listener, also when one of them writes. */
  function announce(event: StoreEvent): void {
    waiting.push(event);
    if (announcing) return;
    announcing = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        for (const listener of [...listeners]) listener(next);
    } finally {
      announcing = false;
    }
  }

  const isEmpty = (namespace: string): boolean =>
    [...tables.values()].every((objects) =>
      [...objects.values()].every((object) => object.metadata.namespace !== namespace),
    );

  function finishNamespace(name: string): void {
    const namespace = context.namespace(name);
    if (namespace?.metadata.deletionTimestamp === undefined || !isEmpty(name)) return;
    publish('DELETED', resources.namespaces, namespace, namespace);
  }

  function emptyNamespace(name: string): void {
    for (const { type } of kinds) {
      if (!type.namespaced) continue;
      for (const object of store.list(type, name)) store.delete(type, name, object.metadata.name);
    }
    finishNamespace(name);
  }

  function create(type: ResourceType, input: KubeObject, who: WriteChoice, managedFields?: unknown[]): KubeObject {
    const sentSpec = Object.keys(mapAt(input, 'spec'));
    const object = admitCreate(kindOf(type), input, context);
    if (find(type, object.metadata.namespace, object.metadata.name) !== undefined)
      throw alreadyExists(type, object.metadata.name);
    const view = ownedAtCreation(kindOf(type), sentSpec, object);
    setOwners(object, managedFields ?? recordUpdate(undefined, view, who, wireTime(clock())));
    return who.dryRun === true ? object : publish('ADDED', type, object);
  }

  function update(
    type: ResourceType,
    live: KubeObject,
    input: KubeObject,
    who: WriteChoice,
    managedFields?: unknown[],
  ): KubeObject {
    const { name } = live.metadata;
    checkSameObject(type, live, input.metadata.uid);
    const expected = input.metadata.resourceVersion;
    if (expected !== undefined && expected !== '0' && expected !== '' && expected !== live.metadata.resourceVersion)
      throw modified(type, name);
    const object = admitUpdate(kindOf(type), live, input, who);
    setOwners(object, managedFields ?? recordUpdate(live, object, who, wireTime(clock())));
    if (equalJson(object, live)) return live;
    if (who.dryRun === true) return object;
    const done =
      object.metadata.deletionTimestamp !== undefined &&
      (object.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
      (object.metadata.finalizers ?? []).length === 0 &&
      type.kind !== 'Namespace';
    return publish(done ? 'DELETED' : 'MODIFIED', type, object, live);
  }

  function apply(type: ResourceType, config: KubeObject, who: WriteChoice): KubeObject {
    const live = find(type, config.metadata.namespace, config.metadata.name);
    if (live === undefined && (who.subresource !== undefined || config.metadata.uid !== undefined))
      throw notFound(type, config.metadata.name);
    const { merged, managedFields } = applyConfiguration(
      live,
      applied(kindOf(type), config, who),
      { ...who, force: who.force ?? false },
      wireTime(clock()),
    );
    if (live === undefined) return create(type, merged, who, managedFields);
    const { resourceVersion, uid } = config.metadata;
    if (uid !== undefined && uid !== live.metadata.uid) throw immutableUid(type, live, uid);
    const metadata = {
      ...merged.metadata,
      resourceVersion: resourceVersion ?? '',
      uid: uid ?? live.metadata.uid ?? '',
    };
    return update(type, live, { ...merged, metadata }, who, managedFields);
  }

  function needed(type: ResourceType, namespace: string, name: string): KubeObject {
    const live = find(type, namespace, name);
    if (live === undefined) throw notFound(type, name);
    return live;
  }

  const store: MemoryStore = {
    get resourceVersion() {
      return version;
    },
    get: find,
    list: (type, namespace) =>
      [...table(type).values()]
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
        .sort(byKey),
    create: (type, object, manager) => store.write(type, object, { how: 'create', manager }),
    update: (type, object, manager, subresource) => store.write(type, object, { how: 'update', manager, subresource }),
    write(type, input, who) {
      const object = ownCopy(type, input);
      if (who.how === 'create') return create(type, object, who);
      if (who.how === 'apply') return apply(type, object, who);
      return update(type, needed(type, object.metadata.namespace ?? '', object.metadata.name), object, who);
    },
    delete(type, namespace, name, choice) {
      store.remove(type, namespace, name, choice);
    },
    remove(type, namespace, name, choice = {}) {
      const live = needed(type, namespace, name);
      checkPreconditions(type, live, choice);
      if (choice.dryRun === true) return live;
      if (live.kind === 'Namespace' && permanent.has(name))
        throw forbidden(type, name, 'this namespace may not be deleted');
      const grace = graceOf(live, choice.gracePeriodSeconds);
      const waits = grace > 0 || (live.metadata.finalizers ?? []).length > 0 || live.kind === 'Namespace';
      if (!waits) return publish('DELETED', type, live, live);
      const before = live.metadata.deletionGracePeriodSeconds;
      if (live.metadata.deletionTimestamp !== undefined && (before ?? 0) <= grace) return live;
      const marked = publish('MODIFIED', type, markDeleted(live, grace, clock()), live);
      if (live.kind === 'Namespace') emptyNamespace(name);
      return marked;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    snapshot(type, namespace, at) {
      const objects = new Map(table(type));
      for (const event of [...store.since(at)].reverse()) {
        if (typeKey(event.resource) !== typeKey(type)) continue;
        const key = keyOf(type.namespaced ? event.object.metadata.namespace : undefined, event.object.metadata.name);
        if (event.previous === undefined) objects.delete(key);
        else objects.set(key, event.previous);
      }
      return [...objects.values()]
        .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
        .sort(byKey);
    },
    since(at) {
      if (at < compactedAt) throw expired(`too old resource version: ${at} (${compactedAt})`);
      if (at >= version) return [];
      return history.slice(at - compactedAt);
    },
    compact() {
      compactedAt = version;
      history = [];
    },
    skewClock(ms) {
      skewMs = ms;
    },
  };

  for (const name of permanent)
    store.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'kube-apiserver');
  return store;
}

/** The part of a configuration that an apply to the object, or to its status, may set. */
function applied(kind: Kind, config: KubeObject, who: Writer): KubeObject {
  const { apiVersion, metadata } = config;
  if (who.subresource === 'status') return { apiVersion, kind: config.kind, metadata, status: config['status'] ?? {} };
  const rest = { ...config };
  if (kind.status) Reflect.deleteProperty(rest, 'status');
  return rest;
}
