import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiVersionOf } from '../../kube/resource.js';
import { ApiError, forbidden, isApiError, notModelled } from './api-error.js';
import { isServed, noSuchPath, parseRequest, placeOf, readBody, type ApiRequest } from './api-request.js';
import type { User } from './authentication.js';
import { discoveryPage } from './discovery.js';
import { readLogs } from './exec.js';
import type { ApiFaults } from './faults.js';
import { itemJsonOf, jsonOf } from './json-text.js';
import { listPage, type Page } from './list.js';
import type { MemoryStore } from './memory-store.js';
import type { PodRuntime } from './pod-runtime.js';
import { tableOf, wantsTable } from './table.js';
import {
  checkSubresource,
  createObject,
  deleteObject,
  getObject,
  patchObject,
  replaceObject,
  type Answer,
} from './verbs.js';
import { serveWatch } from './watch.js';

/** What a request is answered from. */
export interface Serving {
  readonly store: MemoryStore;
  readonly faults: ApiFaults;
  readonly runtime: PodRuntime | undefined;
  readonly version: string;
  readonly bookmarkIntervalMs: number;
  readonly isForbidden: (request: {
    readonly user: User;
    readonly verb: string;
    readonly resource: string;
    readonly namespace: string | undefined;
  }) => boolean;
}

type Writer = (store: MemoryStore, request: ApiRequest, body: string) => Answer;
const writers: Readonly<Record<string, Writer>> = {
  POST: createObject,
  PUT: replaceObject,
  PATCH: patchObject,
  DELETE: deleteObject,
};

const verbNames: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

const isWatch = (request: ApiRequest): boolean => ['true', '1'].includes(request.query.get('watch') ?? '');

function verbOf(request: ApiRequest): string {
  if (request.method === 'DELETE' && request.name === undefined) return 'deletecollection';
  const write = verbNames[request.method];
  if (write !== undefined) return write;
  return isWatch(request) ? 'watch' : request.name === undefined ? 'list' : 'get';
}

const resourceOf = ({ kind, subresource }: ApiRequest): string =>
  subresource === undefined ? kind.type.plural : `${kind.type.plural}/${subresource}`;

/** Throws the 403 that the server's own rule asks for, in the words of RBAC. */
export function forbid(serving: Serving, request: ApiRequest): void {
  const verb = verbOf(request);
  const { user, namespace, kind } = request;
  const resource = resourceOf(request);
  if (!serving.isForbidden({ user, verb, resource, namespace })) return;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw forbidden(
    kind.type,
    request.name ?? '',
    `User "${user.name}" cannot ${verb} resource "${resource}" in API group "${kind.type.group}" ${scope}`,
  );
}

async function send(
  response: ServerResponse,
  faults: ApiFaults,
  status: number,
  body: string,
  type: string,
): Promise<void> {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache, private' });
  if (!faults.isSilent && !faults.isDripping) {
    response.end(body);
    return;
  }
  await faults.deliver(body, (piece) => void response.write(piece));
  response.end();
}

function pageText(request: ApiRequest, page: Page): string {
  const { type } = request.kind;
  if (wantsTable(request.accept)) return JSON.stringify(tableOf(request.kind, page));
  const head = JSON.stringify({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: page.metadata });
  return `${head.slice(0, -1)},"items":[${page.items.map(itemJsonOf).join(',')}]}\n`;
}

function objectText({ body }: Answer): string {
  const { kind, apiVersion, ...rest } = body;
  return `${JSON.stringify({ kind, apiVersion, ...rest })}\n`;
}

/** Answers one request; throws an ApiError for every refusal. */
export async function answerRequest(
  serving: Serving,
  raw: IncomingMessage,
  response: ServerResponse,
  url: URL,
  user: User,
): Promise<void> {
  const { store, faults } = serving;
  if (raw.method === 'GET') {
    const page = discoveryPage(url.pathname, serving.version);
    if (typeof page === 'string') return send(response, faults, 200, page, 'text/plain; charset=utf-8');
    if (page === undefined && !isServed(placeOf(url.pathname)))
      return send(response, faults, 404, '404 page not found\n', 'text/plain; charset=utf-8');
    if (page !== undefined) return send(response, faults, 200, `${JSON.stringify(page)}\n`, 'application/json');
  }
  const request = parseRequest(raw, url, user);
  const writer = writers[request.method];
  if (writer !== undefined) return write(serving, raw, response, request, writer);
  if (request.method !== 'GET')
    throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
  forbid(serving, request);
  if (isWatch(request)) {
    serveWatch(store, request, response, faults, serving);
    return;
  }
  if (request.name === undefined)
    return send(
      response,
      faults,
      200,
      pageText(request, listPage(store, request.kind, request.namespace, request.query)),
      'application/json',
    );
  if (request.kind.type.kind === 'Pod' && request.subresource === 'log')
    return send(response, faults, 200, await readLogs(store, request, serving.runtime), 'text/plain');
  checkSubresource(request);
  const object = getObject(store, request);
  if (wantsTable(request.accept) && request.subresource === undefined) {
    const table = tableOf(request.kind, {
      items: [object],
      metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
    });
    return send(response, faults, 200, JSON.stringify(table), 'application/json');
  }
  return send(response, faults, 200, `${jsonOf(object)}\n`, 'application/json');
}

async function write(
  serving: Serving,
  raw: IncomingMessage,
  response: ServerResponse,
  request: ApiRequest,
  writer: Writer,
): Promise<void> {
  const body = await readBody(raw);
  let status = 500;
  try {
    forbid(serving, request);
    if (request.contentType.includes('protobuf'))
      throw new ApiError(415, 'UnsupportedMediaType', 'the embedded cluster reads JSON and YAML only');
    if (request.name === undefined && request.method === 'DELETE') throw notModelled('deleting a whole collection');
    if (request.name === undefined && request.method !== 'POST') throw noSuchPath();
    checkSubresource(request);
    const answer = writer(serving.store, request, body);
    status = answer.status;
    await send(response, serving.faults, status, objectText(answer), 'application/json');
  } catch (error) {
    if (isApiError(error)) status = error.status;
    throw error;
  } finally {
    serving.faults.record({
      method: request.method,
      resource: resourceOf(request),
      namespace: request.namespace,
      name: request.name,
      user: request.user.name,
      userAgent: request.userAgent,
      fieldManager: request.manager,
      dryRun: request.dryRun,
      status,
      at: Date.now(),
    });
  }
}
