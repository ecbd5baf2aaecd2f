import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ExecOptions,
  ExecResult,
  KubeClient,
  ListOptions,
  LogOptions,
  ObjectRef,
  WatchOptions,
  WriteOptions,
} from './client.js';
import { systemClock } from './clock.js';
import type { CredentialsSource } from './credentials.js';
import { KubeError } from './error.js';
import { LineSplitter } from './lines.js';
import type { KubeList, KubeObject, WatchEvent } from './object.js';
import {
  applyRequest,
  type CallRequest,
  createRequest,
  deleteRequest,
  getRequest,
  inWords,
  listRequest,
  logsRequest,
  patchRequest,
  replaceRequest,
  watchRequest,
} from './request.js';
import { apiVersionOf, type ResourceType, resources } from './resource.js';
import { retried } from './retry.js';
import { defaultTimeoutMs, Transport } from './transport.js';

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
    return await this.#json<T>(getRequest(type, ref), options);
  }

  async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<KubeList<T>> {
    const answer = await this.#json<{ metadata?: { resourceVersion?: string; continue?: string }; items?: T[] | null }>(
      listRequest(type, options),
      options,
    );
    // Items of a list lack what the list itself says once.
    const items = (answer.items ?? []).map((item) => ({ ...item, apiVersion: apiVersionOf(type), kind: type.kind }));
    const next = answer.metadata?.continue;
    return { resourceVersion: answer.metadata?.resourceVersion ?? '', continue: next === '' ? undefined : next, items };
  }

  async *watch<T extends KubeObject>(type: ResourceType, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    const request = watchRequest(type, options);
    const bytes = await this.#transport.stream(request, options);
    options.onOpen?.();
    const lines = new LineSplitter();
    for await (const chunk of bytes) {
      for (const line of lines.push(chunk)) yield this.#parse(line, request.what) as WatchEvent<T>;
    }
    if (lines.isCut)
      throw new KubeError(
        'KUBE_UNREACHABLE',
        `cluster ${this.name}: ${request.what}: the stream ended in the middle of a line`,
        { path: this.name },
      );
  }

  async logs(ref: ObjectRef, options: LogOptions = {}): Promise<string> {
    return await this.#transport.call(logsRequest(ref, options), options);
  }

  async create<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    return await this.#json<T>(createRequest(type, object, options), options);
  }

  async replace<T extends KubeObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    return await this.#json<T>(replaceRequest(type, object, options), options);
  }

  async apply<T extends KubeObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    return await this.#json<T>(applyRequest(type, object, options), options);
  }

  async patch<T extends KubeObject>(
    type: ResourceType,
    ref: ObjectRef,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    return await this.#json<T>(patchRequest(type, ref, patch, options), options);
  }

  async delete(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    await this.#retried(deleteRequest(type, ref, options), options);
  }

  async exec(ref: ObjectRef, command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const what = inWords('exec', resources.pods, ref);
    return await this.#transport.use(what, options, async (credentials, signal) => {
      const { execInPod } = await import('./exec.js');
      const { container } = options;
      return await execInPod(credentials, { cluster: this.name, what, ref, container, command }, signal);
    });
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

  #retried(request: CallRequest, options: CallOptions = {}): Promise<string> {
    const { timeoutMs = defaultTimeoutMs } = options;
    const rules = {
      method: request.method,
      retries: this.#retries,
      timeoutMs,
      clock: systemClock,
      random: Math.random,
    };
    return this.#transport.under(options, (signal) =>
      retried((left) => this.#transport.call(request, { ...options, timeoutMs: left }), rules, signal),
    );
  }
}
