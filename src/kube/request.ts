import type {
  ApplyOptions,
  DeleteOptions,
  ListOptions,
  LogOptions,
  ObjectRef,
  WatchOptions,
  WriteOptions,
} from './client.js';
import type { KubeObject } from './object.js';
import { resourcePath, type ResourceType, resources } from './resource.js';

/** One HTTP request to the API, as data. */
export interface CallRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The call in words, for errors: `get pods default/trade-core-1`. */
  readonly what: string;
}

export function getRequest(type: ResourceType, ref: ObjectRef): CallRequest {
  return { method: 'GET', path: resourcePath(type, ref), what: inWords('get', type, ref) };
}

export function listRequest(type: ResourceType, options: ListOptions): CallRequest {
  const { namespace, labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  return {
    method: 'GET',
    path: resourcePath(type, { namespace }),
    query: {
      labelSelector,
      fieldSelector,
      limit,
      continue: options.continue,
      resourceVersion,
      resourceVersionMatch,
    },
    what: inWords('list', type, { namespace }),
  };
}

export function watchRequest(type: ResourceType, options: WatchOptions): CallRequest {
  const { namespace, labelSelector, fieldSelector, resourceVersion, resourceVersionMatch } = options;
  const { sendInitialEvents, allowWatchBookmarks = true, timeoutSeconds } = options;
  return {
    method: 'GET',
    path: resourcePath(type, { namespace }),
    query: {
      watch: true,
      allowWatchBookmarks,
      labelSelector,
      fieldSelector,
      resourceVersion,
      resourceVersionMatch,
      sendInitialEvents,
      timeoutSeconds,
    },
    what: inWords('watch', type, { namespace }),
  };
}

export function logsRequest(ref: ObjectRef, { container, tailLines }: LogOptions): CallRequest {
  return {
    method: 'GET',
    path: resourcePath(resources.pods, { ...ref, subresource: 'log' }),
    query: { container, tailLines },
    accept: '*/*',
    what: inWords('logs', resources.pods, ref),
  };
}

export function createRequest(type: ResourceType, object: KubeObject, options: WriteOptions): CallRequest {
  const { namespace } = object.metadata;
  return {
    method: 'POST',
    path: resourcePath(type, { namespace }),
    query: writeQuery(options),
    body: object,
    what: inWords('create', type, object.metadata),
  };
}

export function replaceRequest(type: ResourceType, object: KubeObject, options: WriteOptions): CallRequest {
  return {
    method: 'PUT',
    path: objectPath(type, object.metadata, options),
    query: writeQuery(options),
    body: object,
    what: inWords('replace', type, object.metadata),
  };
}

export function applyRequest(type: ResourceType, object: KubeObject, options: ApplyOptions): CallRequest {
  return {
    method: 'PATCH',
    path: objectPath(type, object.metadata, options),
    query: { ...writeQuery(options), force: options.force },
    body: object,
    contentType: 'application/apply-patch+yaml',
    what: inWords('apply', type, object.metadata),
  };
}

export function patchRequest(type: ResourceType, ref: ObjectRef, patch: object, options: WriteOptions): CallRequest {
  return {
    method: 'PATCH',
    path: objectPath(type, ref, options),
    query: writeQuery(options),
    body: patch,
    contentType: 'application/merge-patch+json',
    what: inWords('patch', type, ref),
  };
}

export function deleteRequest(type: ResourceType, ref: ObjectRef, options: DeleteOptions): CallRequest {
  const { preconditions, gracePeriodSeconds, propagationPolicy } = options;
  return {
    method: 'DELETE',
    path: resourcePath(type, ref),
    body: { preconditions, gracePeriodSeconds, propagationPolicy },
    what: inWords('delete', type, ref),
  };
}

/** A call in words: `get pods default/trade-core-1`. */
export function inWords(
  verb: string,
  type: ResourceType,
  where: { readonly namespace?: string | undefined; readonly name?: string | undefined },
): string {
  return `${verb} ${type.plural} ${[where.namespace, where.name].filter((part) => part !== undefined).join('/')}`.trimEnd();
}

/** Where a request goes; the server's own path, as a proxy in front of clusters has one, stays. */
export function requestUrl(server: string, { path, query = {} }: Pick<CallRequest, 'path' | 'query'>): URL {
  const url = new URL(`${server.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

const objectPath = (
  type: ResourceType,
  { namespace, name }: ObjectRef,
  { subresource }: { readonly subresource?: string | undefined },
): string => resourcePath(type, { namespace, name, subresource });

const writeQuery = ({ fieldManager, dryRun }: WriteOptions): Record<string, string | undefined> => ({
  fieldManager,
  dryRun: dryRun === true ? 'All' : undefined,
});
