// The smallest client that a contract test needs: a kubeconfig, requests, and watches line by line.
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parse } from 'yaml';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
  readonly text: string;
}

export interface RequestChoice {
  readonly type?: string;
  readonly accept?: string;
  readonly token?: string;
  /** Asks as another user. */
  readonly impersonate?: string;
  readonly query?: Readonly<Record<string, string>>;
}

export interface WatchLine {
  readonly type: string;
  readonly object: Json & { readonly metadata: Json };
}

/** An open watch. */
export interface Watch {
  /** The next line; rejects after `withinMs`, default 5,000. */
  next(withinMs?: number): Promise<WatchLine>;
  /** Waits until the server ends the stream and gives the lines that are left. */
  rest(withinMs?: number): Promise<readonly WatchLine[]>;
  close(): void;
}

export interface Api {
  request(method: string, path: string, body?: unknown, choice?: RequestChoice): Promise<Answer>;
  get(path: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
  post(path: string, body: unknown, query?: Readonly<Record<string, string>>): Promise<Answer>;
  put(path: string, body: unknown, query?: Readonly<Record<string, string>>): Promise<Answer>;
  merge(path: string, body: unknown, query?: Readonly<Record<string, string>>): Promise<Answer>;
  apply(path: string, body: unknown, fieldManager: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
  delete(path: string, body?: unknown, query?: Readonly<Record<string, string>>): Promise<Answer>;
  watch(path: string, query?: Readonly<Record<string, string>>): Promise<Watch>;
  close(): void;
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

const decoded = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text, 'base64').toString();

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const isJson = (response: IncomingMessage): boolean =>
  (response.headers['content-type'] ?? '').startsWith('application/json');

/** A watch that was refused with an HTTP status. */
export class RefusedWatch extends Error {
  constructor(
    readonly status: number,
    readonly body: Json,
  ) {
    super(`the watch was refused with ${status}`);
  }
}

function linesOf(response: IncomingMessage): Watch {
  const lines: WatchLine[] = [];
  let wake = (): void => undefined;
  let ended = false;
  let pending = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    const parts = (pending + piece).split('\n');
    pending = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as WatchLine);
    wake();
  });
  const end = (): void => {
    ended = true;
    wake();
  };
  response.on('close', end).on('end', end).on('error', end);
  const until = async (done: () => boolean, withinMs: number): Promise<void> => {
    const deadline = Date.now() + withinMs;
    while (!done()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`nothing after ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return {
    async next(withinMs = 5_000) {
      await until(() => lines.length > 0 || ended, withinMs);
      const line = lines.shift();
      if (line === undefined) throw new Error('the watch has ended');
      return line;
    },
    async rest(withinMs = 5_000) {
      await until(() => ended, withinMs);
      return lines.splice(0);
    },
    close: () => response.destroy(),
  };
}

/** A client for the first cluster and user of a kubeconfig with embedded data. */
export function connectApi(kubeconfig: string): Api {
  const config = parse(kubeconfig) as Kubeconfig;
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  const agent = new Agent({
    keepAlive: true,
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  });
  // Without the client certificate, so that only the token counts.
  const bare = new Agent({ ca: decoded(cluster['certificate-authority-data']) });

  function open(method: string, path: string, body: unknown, choice: RequestChoice): Promise<IncomingMessage> {
    const url = new URL(path, cluster['server']);
    for (const [name, value] of Object.entries(choice.query ?? {})) url.searchParams.set(name, value);
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const token = choice.token ?? user['token'];
    const options: RequestOptions = {
      method,
      agent: choice.token === undefined ? agent : bare,
      headers: {
        accept: choice.accept ?? 'application/json',
        'user-agent': 'contract/1.0',
        ...(payload === undefined
          ? {}
          : { 'content-type': choice.type ?? 'application/json', 'content-length': Buffer.byteLength(payload) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(choice.impersonate === undefined ? {} : { 'impersonate-user': choice.impersonate }),
      },
    };
    return new Promise((resolve, reject) => {
      httpsRequest(url, options, resolve).on('error', reject).end(payload);
    });
  }

  const api: Api = {
    async request(method, path, body, choice = {}) {
      const response = await open(method, path, body, choice);
      const text = await textOf(response);
      const parsed = isJson(response) ? (JSON.parse(text) as Json) : {};
      return { status: response.statusCode ?? 0, headers: response.headers, body: parsed, text };
    },
    get: (path, query = {}) => api.request('GET', path, undefined, { query }),
    post: (path, body, query = {}) => api.request('POST', path, body, { query }),
    put: (path, body, query = {}) => api.request('PUT', path, body, { query }),
    merge: (path, body, query = {}) =>
      api.request('PATCH', path, body, { query, type: 'application/merge-patch+json' }),
    apply: (path, body, fieldManager, query = {}) =>
      api.request('PATCH', path, body, { query: { fieldManager, ...query }, type: 'application/apply-patch+yaml' }),
    delete: (path, body, query = {}) => api.request('DELETE', path, body, { query }),
    async watch(path, query = {}) {
      const response = await open('GET', path, undefined, { query: { ...query, watch: 'true' } });
      if (response.statusCode === 200) return linesOf(response);
      throw new RefusedWatch(response.statusCode ?? 0, JSON.parse(await textOf(response)) as Json);
    },
    close: () => {
      agent.destroy();
      bare.destroy();
    },
  };
  return api;
}
