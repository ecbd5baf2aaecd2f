import type { KubeList, KubeObject, WatchEvent } from './object.js';
import type { ResourceType } from './resource.js';

/** Every call takes a signal and has a deadline. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call; default 15,000. Of a watch, until it is open: then it may be silent for long. */
  readonly timeoutMs?: number | undefined;
}

/** One object, or with no `name` a collection. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface ListOptions extends CallOptions {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  /** Absent: a consistent (quorum) read. */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'NotOlderThan' | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
  /** The server ends the stream after this many seconds. */
  readonly timeoutSeconds?: number | undefined;
  /** Called once, when the server has taken the watch: what follows is complete from there on. */
  onOpen?(): void;
}

export interface LogOptions extends CallOptions {
  /** Default: the pod's only container. */
  readonly container?: string | undefined;
  /** Only so many lines from the end. */
  readonly tailLines?: number | undefined;
}

export interface ExecOptions extends CallOptions {
  /** Default: the pod's default container. */
  readonly container?: string | undefined;
}

export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string;
  /** Take fields over from other managers; default false: a conflict is an error that names them. */
  readonly force?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly subresource?: string | undefined;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly subresource?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Refused with a conflict when the object has another UID or resourceVersion. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Reads from one cluster. */
export interface KubeReader {
  /** Throws `KUBE_NOT_FOUND` when there is no such object. */
  get<T extends KubeObject = KubeObject>(type: ResourceType, ref: ObjectRef, options?: CallOptions): Promise<T>;
  /** One page, or everything when `limit` is absent. */
  list<T extends KubeObject = KubeObject>(type: ResourceType, options?: ListOptions): Promise<KubeList<T>>;
  /** Ends when the server ends the stream; throws when the connection breaks or the watch can't be opened. */
  watch<T extends KubeObject = KubeObject>(type: ResourceType, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  logs(ref: ObjectRef, options?: LogOptions): Promise<string>;
}

/** Writes to one cluster. */
export interface KubeWriter {
  create<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  /** PUT: refused with `KUBE_CONFLICT` when `metadata.resourceVersion` is not the present one. */
  replace<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  /** Server-side apply. */
  apply<T extends KubeObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T>;
  /** JSON merge patch. */
  patch<T extends KubeObject = KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    options?: WriteOptions,
  ): Promise<T>;
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  /** Runs a command in a container and waits for its end. An exit code other than 0 is a result, not an error. */
  exec(ref: ObjectRef, command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

/** One cluster's API. `name` is the cluster's name in the fleet and stands in every error. */
export interface KubeClient extends KubeReader, KubeWriter {
  readonly name: string;
  /** Ends every call and connection; safe to call twice. */
  close(): Promise<void>;
}
