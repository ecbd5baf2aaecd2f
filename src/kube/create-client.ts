import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from './backoff.js';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ExecResult,
  KubeClient,
  ListOptions,
  ObjectRef,
  WatchOptions,
  WriteOptions,
} from './client.js';
import type { CredentialsSource } from './credentials.js';
import { isKubeError, KubeError } from './error.js';
import { LineSplitter } from './lines.js';
import type { KubeList, KubeObject, WatchEvent } from './object.js';
import { apiVersionOf, resourcePath, type ResourceType, resources } from './resource.js';
import { type CallRequest, Transport } from './transport.js';

export interface KubeClientOptions {
  /** The cluster's name in the fleet; it stands in every error. */
  readonly name: string;
  readonly credentials: CredentialsSource;
  /** Default `youzan-kube`. */
  readonly userAgent?: string;
  /**
   * How often a read is tried again after 429, 5xx or a broken connection, with backoff and within its deadline. Default
   * 3. Writes are tried again only after a 429, which says that nothing was done.
   */
  readonly retries?: number;
}

/**
 * A client for one cluster. Nothing is opened before the first call, and nothing is shared with another client.
 *
 * @example
 * const client = createKubeClient({ name: 'bc-a', credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file }) });
 * const { items } = await client.list(resources.pods, { namespace: 'default', timeoutMs: 5000 });
 */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  return new Client(options);
}

class Client implements KubeClient {
  readonly name: string;
  readonly #transport: Transport;
  readonly #retries: number;

  constructor({ name, credentials, userAgent = 'youzan-kube', retries = 3 }: KubeClientOptions) {
    this.name = name;
    this.#transport = new Transport(name, credentials, userAgent);
    this.#retries = retries;
  }

  async get<T extends KubeObject>(type: ResourceType, ref: ObjectRef, options?: CallOptions): Promise<T> {
    return await this.#json<T>(
      { method: 'GET', path: resourcePath(type, ref), what: describe('get', type, ref) },
      options,
    );
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
    const answer = await this.#json<{ metadata?: { resourceVersion?: string; continue?: string }; items?: T[] | null }>(
      {
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
        what: describe('list', type, { namespace }),
      },
      options,
    );
    // Items of a list lack what the list itself says once.
    const items = (answer.items ?? []).map((item) => ({ ...item, apiVersion: apiVersionOf(type), kind: type.kind }));
    const next = answer.metadata?.continue;
    return { resourceVersion: answer.metadata?.resourceVersion ?? '', continue: next === '' ? undefined : next, items };
  }

  async *watch<T extends KubeObject>(type: ResourceType, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion,
      resourceVersionMatch,
      sendInitialEvents,
      timeoutSeconds,
    } = options;
    const what = describe('watch', type, { namespace });
    const bytes = await this.#transport.stream(
      {
        method: 'GET',
        path: resourcePath(type, { namespace }),
        query: {
          watch: true,
          allowWatchBookmarks: options.allowWatchBookmarks ?? true,
          labelSelector,
          fieldSelector,
          resourceVersion,
          resourceVersionMatch,
          sendInitialEvents,
          timeoutSeconds,
        },
        what,
      },
      options,
    );
    const lines = new LineSplitter();
    for await (const chunk of bytes) {
      for (const line of lines.push(chunk)) yield this.#parse(line, what) as WatchEvent<T>;
    }
    if (lines.isCut)
      throw new KubeError(
        'KUBE_UNREACHABLE',
        `cluster ${this.name}: ${what}: the stream ended in the middle of a line`,
        { path: this.name },
      );
  }

  async logs(
    ref: ObjectRef,
    options: CallOptions & { readonly container?: string; readonly tailLines?: number } = {},
  ): Promise<string> {
    const { container, tailLines } = options;
    return await this.#transport.call(
      {
        method: 'GET',
        path: resourcePath(resources.pods, { ...ref, subresource: 'log' }),
        query: { container, tailLines },
        accept: '*/*',
        what: describe('logs', resources.pods, ref),
      },
      options,
    );
  }

  async create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace } = object.metadata;
    return await this.#json<T>(
      {
        method: 'POST',
        path: resourcePath(type, { namespace }),
        query: writeQuery(options),
        body: object,
        what: describe('create', type, object.metadata),
      },
      options,
    );
  }

  async replace<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata;
    const path = resourcePath(type, { namespace, name, subresource: options.subresource });
    return await this.#json<T>(
      {
        method: 'PUT',
        path,
        query: writeQuery(options),
        body: object,
        what: describe('replace', type, object.metadata),
      },
      options,
    );
  }

  async apply<T extends KubeObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    const { namespace, name } = object.metadata;
    return await this.#json<T>(
      {
        method: 'PATCH',
        path: resourcePath(type, { namespace, name, subresource: options.subresource }),
        query: { ...writeQuery(options), force: options.force },
        body: object,
        contentType: 'application/apply-patch+yaml',
        what: describe('apply', type, object.metadata),
      },
      options,
    );
  }

  async patch<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    return await this.#json<T>(
      {
        method: 'PATCH',
        path: resourcePath(type, { ...ref, subresource: options.subresource }),
        query: writeQuery(options),
        body: patch,
        contentType: 'application/merge-patch+json',
        what: describe('patch', type, ref),
      },
      options,
    );
  }

  async delete(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { preconditions, gracePeriodSeconds, propagationPolicy } = options;
    await this.#retried(
      {
        method: 'DELETE',
        path: resourcePath(type, ref),
        body: { preconditions, gracePeriodSeconds, propagationPolicy },
        what: describe('delete', type, ref),
      },
      options,
    );
  }

  async exec(
    ref: ObjectRef,
    command: readonly string[],
    options: CallOptions & { readonly container?: string } = {},
  ): Promise<ExecResult> {
    const what = describe('exec', resources.pods, ref);
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 15_000);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    try {
      const { exec } = await import('./client-node.js');
      const credentials = await this.#transport.credentials();
      return await exec(
        credentials,
        { namespace: ref.namespace ?? 'default', pod: ref.name, container: options.container ?? '', command },
        signal,
      );
    } catch (error) {
      if (isKubeError(error)) throw error;
      const code =
        options.signal?.aborted === true ? 'KUBE_ABORTED' : timeout.aborted ? 'KUBE_TIMEOUT' : 'KUBE_UNREACHABLE';
      throw new KubeError(
        code,
        `cluster ${this.name}: ${what}: ${error instanceof Error ? error.message : String(error)}`,
        { path: this.name, cause: error },
      );
    }
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #json<T>(request: CallRequest, options: CallOptions | undefined): Promise<T> {
    return this.#parse(await this.#retried(request, options), request.what) as T;
  }

  #parse(text: string, what: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new KubeError(
        'KUBE_BAD_ANSWER',
        `cluster ${this.name}: ${what}: the answer is no JSON: ${text.slice(0, 80)}`,
        {
          path: this.name,
          hint: 'is there a proxy between, or another server at this address?',
          cause: error,
        },
      );
    }
  }

  async #retried(request: CallRequest, options: CallOptions = {}): Promise<string> {
    const end = performance.now() + (options.timeoutMs ?? 15_000);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#transport.call(request, {
          ...options,
          timeoutMs: Math.max(1, Math.ceil(end - performance.now())),
        });
      } catch (error) {
        const wait = isKubeError(error)
          ? Math.max(error.retryAfterMs ?? 0, backoffMs(attempt, { baseMs: 100, maxMs: 5000 }))
          : 0;
        if (attempt >= this.#retries || !mayRetry(request.method, error) || performance.now() + wait >= end)
          throw error;
        try {
          await delay(wait, undefined, options.signal === undefined ? {} : { signal: options.signal });
        } catch {
          throw new KubeError('KUBE_ABORTED', `cluster ${this.name}: ${request.what}: aborted`, {
            path: this.name,
            cause: error,
          });
        }
      }
    }
  }
}

function mayRetry(method: CallRequest['method'], error: unknown): boolean {
  if (isKubeError(error, 'KUBE_TOO_MANY_REQUESTS')) return true;
  return method === 'GET' && (isKubeError(error, 'KUBE_SERVER_ERROR') || isKubeError(error, 'KUBE_UNREACHABLE'));
}

const writeQuery = ({ fieldManager, dryRun }: WriteOptions): Record<string, string | undefined> => ({
  fieldManager,
  dryRun: dryRun === true ? 'All' : undefined,
});

function describe(
  verb: string,
  type: ResourceType,
  where: { readonly namespace?: string | undefined; readonly name?: string | undefined },
): string {
  return `${verb} ${type.plural} ${[where.namespace, where.name].filter((part) => part !== undefined).join('/')}`.trimEnd();
}
