import type { IncomingMessage } from 'node:http';
import { ApiError, invalid, notModelled } from './api-error.js';
import type { User } from './authentication.js';
import { kindAt, kinds, refusedKinds, rootOf, type Kind } from './kinds.js';

/** A request for one of the kinds, taken apart. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly contentType: string;
  readonly accept: string;
  readonly user: User;
  readonly userAgent: string | undefined;
  readonly dryRun: boolean;
  /** From the query, else the user agent up to the first slash. */
  readonly manager: string;
}

interface Place {
  readonly root: string;
  readonly namespace: string | undefined;
  readonly plural: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** `/apis/apps/v1/namespaces/shop/deployments/web/scale` in its parts; undefined for another kind of path. */
export function placeOf(path: string): Place | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const depth = parts[0] === 'api' ? 2 : parts[0] === 'apis' ? 3 : 0;
  if (depth === 0 || parts.length <= depth) return undefined;
  const root = parts.slice(0, depth).join('/');
  const rest = parts.slice(depth);
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const [plural, name, ...sub] = inNamespace ? rest.slice(2) : rest;
  const namespace = inNamespace ? rest[1] : undefined;
  return { root, namespace, plural, name, subresource: sub.length === 0 ? undefined : sub.join('/') };
}

export const noSuchPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

const optionKinds: Readonly<Record<string, string>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
  DELETE: 'DeleteOptions',
};

/** Throws 404 for what Kubernetes doesn't have either and 501 for what is not modelled here. */
export function parseRequest(request: IncomingMessage, url: URL, user: User): ApiRequest {
  const place = placeOf(url.pathname);
  const kind = place?.plural === undefined ? undefined : kindAt(place.root, place.plural);
  if (place === undefined || kind === undefined) {
    if (place?.plural !== undefined && refusedKinds[place.root]?.includes(place.plural) === true)
      throw notModelled(`${place.plural} (${place.root})`);
    throw noSuchPath();
  }
  if (!kind.type.namespaced && place.namespace !== undefined) throw noSuchPath();
  const dryRun = url.searchParams.get('dryRun');
  if (dryRun !== null && dryRun !== '' && dryRun !== 'All')
    throw invalid({ group: 'meta.k8s.io', kind: optionKinds[request.method ?? ''] ?? 'GetOptions' }, '', [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify([dryRun])}: supported values: "All"`,
        field: 'dryRun',
      },
    ]);
  const userAgent = request.headers['user-agent'];
  const manager = url.searchParams.get('fieldManager') ?? '';
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    kind,
    namespace: place.namespace,
    name: place.name,
    subresource: place.subresource,
    contentType: (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
    accept: request.headers.accept ?? '',
    user,
    userAgent,
    dryRun: dryRun === 'All',
    manager: manager === '' ? (userAgent?.split('/')[0] ?? 'unknown').slice(0, 128) : manager,
  };
}

const limitBytes = 3 * 1024 * 1024;

/** Throws 413 above 3 MiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk as Uint8Array);
    size += piece.length;
    if (size > limitBytes)
      throw new ApiError(413, 'RequestEntityTooLarge', `limit is ${limitBytes}: the request is too large`);
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString();
}

const roots = new Set([...kinds.map((kind) => rootOf(kind.type)), ...Object.keys(refusedKinds)]);

/** True for a path in a group version that Kubernetes has. */
export const isServed = (place: Place | undefined): boolean => place?.plural !== undefined && roots.has(place.root);
