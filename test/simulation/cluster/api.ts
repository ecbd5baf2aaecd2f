import { KubeError } from '../../../src/kube/index.js';
import type { LeaseRecord } from '../../../src/kube/lease-decision.js';
import type { EndpointSliceRecord } from '../../../src/members/index.js';

/** A pod as its API object has it; a value that is replaced, never changed. */
export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly app: string;
  readonly color: string;
  readonly ip: string;
  readonly node: string;
  readonly ready: boolean;
  readonly serving: boolean;
  /** It has a deletionTimestamp. */
  readonly deleting: boolean;
  /** Its phase is Failed: its address is free again. */
  readonly finished: boolean;
}

/** One write of a slice, as a watch tells it. */
export interface SliceEntry {
  readonly version: number;
  readonly key: string;
  /** Undefined: it was deleted. */
  readonly slice: EndpointSliceRecord | undefined;
}

/** One open watch. */
export interface Watcher {
  push(entry: SliceEntry): void;
  /** The server went away. */
  cut(): void;
}

type Slices = ReadonlyMap<string, EndpointSliceRecord>;

/** What etcd holds; a backup is another one. */
export interface Objects {
  readonly version: number;
  readonly pods: ReadonlyMap<string, Pod>;
  readonly services: ReadonlySet<string>;
  readonly slices: Slices;
  readonly lease: LeaseRecord | undefined;
}

/** One cluster's API and etcd: objects under one resource version, a log of slice writes, a Lease, backups. */
export class ClusterApi implements Objects {
  readonly name: string;
  version = 1000;
  pods = new Map<string, Pod>();
  services = new Set<string>();
  slices: Slices = new Map();
  lease: LeaseRecord | undefined;
  /** Told of each change of a pod or Service, by `namespace/service`. */
  onChange: (service: string) => void = () => undefined;
  #log: SliceEntry[] = [];
  #past: { readonly version: number; readonly slices: Slices }[] = [];
  #compacted = 0;
  readonly #watchers = new Set<Watcher>();

  constructor(name: string) {
    this.name = name;
  }

  setPod(pod: Pod, service: string): void {
    this.version += 1;
    this.pods.set(pod.name, pod);
    this.onChange(service);
  }

  removePod(pod: Pod, service: string): void {
    this.version += 1;
    this.pods.delete(pod.name);
    this.onChange(service);
  }

  setService(service: string, exists: boolean): void {
    this.version += 1;
    if (exists) this.services.add(service);
    else this.services.delete(service);
    this.onChange(service);
  }

  writeSlice(key: string, slice: EndpointSliceRecord | undefined): void {
    this.version += 1;
    const slices = new Map(this.slices);
    if (slice === undefined) slices.delete(key);
    else slices.set(key, slice);
    this.slices = slices;
    const entry = { version: this.version, key, slice };
    this.#log.push(entry);
    this.#past.push({ version: this.version, slices });
    for (const watcher of [...this.#watchers]) watcher.push(entry);
  }

  /** Writes the Lease if it still has this resource version. */
  writeLease(record: Omit<LeaseRecord, 'resourceVersion'>, expected: string | undefined): LeaseRecord {
    if (this.lease?.resourceVersion !== expected) throw new KubeError('KUBE_CONFLICT', 'the Lease has changed');
    this.version += 1;
    this.lease = { ...record, resourceVersion: String(this.version) };
    return this.lease;
  }

  /** A complete list; with `age`, as a server answers that lags by so many slice writes. */
  list(age = 0): { readonly version: number; readonly slices: Slices } {
    const old = age === 0 ? undefined : this.#past.at(-1 - age);
    return old ?? { version: this.version, slices: this.slices };
  }

  /** What a watch from `version` on would tell first. A version that is yet to come is waited for in silence. */
  entriesAfter(version: number): SliceEntry[] {
    if (version < this.#compacted) throw new KubeError('KUBE_GONE', `version ${version} is compacted`);
    return this.#log.filter((entry) => entry.version > version);
  }

  attach(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Forgets the log: who asks for what was before is answered 410. */
  compact(): void {
    this.#compacted = this.version;
    this.#log = [];
  }

  backup(): Objects {
    const { version, slices, lease } = this;
    return { version, slices, lease, pods: new Map(this.pods), services: new Set(this.services) };
  }

  /** Takes everything back to a backup; the resource version goes back with it, and every watch breaks. */
  restore(backup: Objects): void {
    this.version = backup.version;
    this.pods = new Map(backup.pods);
    this.services = new Set(backup.services);
    this.slices = backup.slices;
    this.lease = backup.lease;
    this.#log = this.#log.filter(({ version }) => version <= this.version);
    this.#past = this.#past.filter(({ version }) => version <= this.version);
    this.#compacted = Math.min(this.#compacted, this.version);
    for (const watcher of [...this.#watchers]) watcher.cut();
  }
}
