import http from 'node:http';
import { readJson, splitPath, type Answer, type Call } from './call.js';
import type { AdminFaults } from './faults.js';
import { notFound, notImplemented, Problem } from './problem.js';
import type { ResourcesApi } from './resources-api.js';
import type { SourcesApi } from './sources-api.js';
import type { StatusApi } from './status-api.js';
import type { Store } from './store.js';
import { callerOf, type Yz7Token } from './tokens.js';

/** What the admin API needs of the instance. */
export interface AdminParts {
  readonly store: Store;
  readonly sources: SourcesApi;
  readonly resources: ResourcesApi;
  readonly status: StatusApi;
  readonly faults: AdminFaults;
  readonly tokens: readonly Yz7Token[];
  readonly bodyLimitBytes: number;
  readonly metrics: () => string;
}

function allow(call: Call, ...methods: readonly string[]): void {
  if (methods.includes(call.method)) return;
  throw new Problem(405, 'METHOD_NOT_ALLOWED', `${call.method} is not a verb of this resource`, {
    headers: { allow: methods.join(', ') },
  });
}

async function answerOf(call: Call, { sources, resources, status }: AdminParts): Promise<Answer> {
  const [kind, name = '', below, last = ''] = call.path;
  const depth = call.path.length;
  if (kind === 'status' && depth === 1) {
    allow(call, 'GET');
    return status.status(call);
  }
  if (kind === 'watch' && depth === 1) throw notImplemented('/watch');
  if (kind === 'chains' && depth === 2) {
    allow(call, 'GET', 'PUT', 'DELETE');
    return resources.chain(call, name);
  }
  if (kind === 'routes' && depth === 2) {
    allow(call, 'GET', 'PUT', 'DELETE');
    return resources.route(call, name);
  }
  if (kind === 'sources' && depth === 2) {
    allow(call, 'GET', 'PATCH');
    return sources.all(call, name);
  }
  if (kind === 'sources' && depth === 3 && below === 'claim') {
    allow(call, 'POST');
    return sources.claim(call, name);
  }
  if (kind === 'upstreams') return upstreamAnswer(call, depth, [name, below, last], { sources, resources });
  throw notFound(`resource /${call.path.join('/')}`);
}

async function upstreamAnswer(
  call: Call,
  depth: number,
  [name, below, source]: readonly [string, string | undefined, string],
  { sources, resources }: Pick<AdminParts, 'sources' | 'resources'>,
): Promise<Answer> {
  if (depth === 1) {
    allow(call, 'GET');
    return resources.listUpstreams(call);
  }
  if (depth === 2) {
    allow(call, 'GET', 'PUT', 'DELETE');
    return resources.upstream(call, name);
  }
  if (depth === 3 && below === 'effective') {
    allow(call, 'GET');
    return resources.effective(call, name);
  }
  if (depth === 3 && below === 'sources') {
    allow(call, 'GET');
    return sources.listOf(name);
  }
  if (depth === 4 && below === 'sources') {
    allow(call, 'GET', 'PUT', 'DELETE');
    return sources.one(call, name, source);
  }
  throw notFound(`resource /${call.path.join('/')}`);
}

/** Liveness, readiness and metrics need no token: a kubelet and a Prometheus ask for them, with or without the base. */
function probeAnswer(url: string, parts: AdminParts): Answer | undefined {
  const path = new URL(url, 'http://gateway').pathname.replace(/^\/admin\/v1/, '');
  if (path === '/healthz') return { status: 200, body: 'ok\n', headers: { 'content-type': 'text/plain' } };
  // The workers have loaded a snapshot before this listens.
  if (path === '/readyz') return { status: 200, body: 'ok\n', headers: { 'content-type': 'text/plain' } };
  if (path !== '/metrics') return undefined;
  return { status: 200, body: parts.metrics(), headers: { 'content-type': 'text/plain; version=0.0.4' } };
}

async function handle(request: http.IncomingMessage, gone: AbortSignal, parts: AdminParts): Promise<Answer> {
  await parts.faults.pass();
  if (gone.aborted) throw new Problem(499, 'GONE', 'the caller has gone');
  if (parts.faults.isNonsense) return { status: 200, body: '{"revision": <!doctype html>', headers: {} };
  const url = request.url ?? '/';
  const probe = probeAnswer(url, parts);
  if (probe) return probe;
  const caller = callerOf(request.headers.authorization, parts.tokens);
  const split = splitPath(url);
  if (split === undefined) throw notFound(`resource ${url}; the base is /admin/v1`);
  await parts.store.settled();
  const call: Call = {
    ...split,
    method: request.method ?? 'GET',
    caller,
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    signal: gone,
    json: () => readJson(request, parts.bodyLimitBytes),
  };
  return answerOf(call, parts);
}

/** The admin API's HTTP server. */
export function createAdminServer(parts: AdminParts): http.Server {
  const serve = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    let answer: Answer;
    try {
      answer = await handle(request, gone.signal, parts);
    } catch (error) {
      const problem =
        error instanceof Problem
          ? error
          : new Problem(500, 'SERVER_ERROR', error instanceof Error ? error.message : String(error));
      answer = { status: problem.status, body: problem.body(), headers: problem.headers };
    }
    if (response.destroyed) return;
    // A body that nobody wanted: read it away, or a kept connection stands still.
    request.resume();
    const isText = typeof answer.body === 'string';
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'x-store': parts.store.id,
      ...answer.headers,
    });
    response.end(isText ? answer.body : JSON.stringify(answer.body));
  };
  return http.createServer((request, response) => void serve(request, response));
}
