import type { KubeObject } from '../../kube/object.js';
import { ApiError, badRequest, expired, invalid, isApiError } from './api-error.js';
import { isMap } from './json.js';
import type { Kind } from './kinds.js';
import type { MemoryStore } from './memory-store.js';
import { matcherOf } from './selectors.js';

/** One page of a collection. */
export interface Page {
  readonly items: readonly KubeObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

const listOptions = { group: 'meta.k8s.io', kind: 'ListOptions' };

/** Throws 422 as the API server does for list and watch parameters that exclude each other. */
export const refuseOption = (field: string, why: string): ApiError =>
  invalid(listOptions, '', [{ reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field }]);

/** Throws 400 for anything but a decimal number; absent is undefined. */
export function versionOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text))
    throw badRequest(
      `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

export function tooLarge(wanted: number, present: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${present}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

interface Token {
  readonly version: number;
  readonly start: string;
}

/** Stands in a token for the present, whatever it is by then: the rest of a list whose moment is gone. */
const anyVersion = -1;

const encode = (token: Token): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.version, start: token.start })).toString('base64url');

function decode(text: string): Token {
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    token = undefined;
  }
  if (!isMap(token) || typeof token['rv'] !== 'number' || typeof token['start'] !== 'string')
    throw badRequest('continue key is not valid: unexpected end of JSON input');
  return { version: token['rv'], start: token['start'] };
}

const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

/** The resourceVersion at which to read; undefined is the present one. */
function exactVersion(query: URLSearchParams, limit: number, present: number): number | undefined {
  const wanted = versionOf(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch');
  if (match !== null && match !== 'Exact' && match !== 'NotOlderThan')
    throw refuseOption('resourceVersionMatch', `supported values: "Exact", "NotOlderThan"`);
  if (match !== null && wanted === undefined)
    throw refuseOption('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'Exact' && wanted === 0)
    throw refuseOption('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  if (wanted === undefined || wanted === 0) return undefined;
  if (wanted > present) throw tooLarge(wanted, present);
  return match === 'Exact' || (match === null && limit > 0) ? wanted : undefined;
}

/** Reads a collection with the API's rules of resourceVersion, limit and continue. */
export function listPage(store: MemoryStore, kind: Kind, namespace: string | undefined, query: URLSearchParams): Page {
  const limit = Number(query.get('limit') ?? 0);
  const continueText = query.get('continue') ?? '';
  const token = continueText === '' ? undefined : decode(continueText);
  if (token !== undefined && versionOf(query.get('resourceVersion')) !== undefined)
    throw badRequest('specifying resource version is not allowed when using continue');
  const wanted = token?.version ?? exactVersion(query, limit, store.resourceVersion);
  const exact = wanted === anyVersion ? undefined : wanted;
  const version = exact ?? store.resourceVersion;
  const matches = matcherOf(kind.type, query, namespace);
  const all = readAt(store, kind, namespace, exact, token);
  const rest = all.filter((object) => matches(object) && (token === undefined || keyOf(object) > token.start));
  const pageSize = limit > 0 && query.get('resourceVersion') !== '0' ? limit : rest.length;
  const items = rest.slice(0, pageSize);
  const last = items.at(-1);
  const more = rest.length > items.length && last !== undefined;
  const selects = (query.get('labelSelector') ?? '') + (query.get('fieldSelector') ?? '') !== '';
  return {
    items,
    metadata: {
      resourceVersion: String(version),
      ...(more ? { continue: encode({ version, start: keyOf(last) }) } : {}),
      ...(more && !selects ? { remainingItemCount: rest.length - items.length } : {}),
    },
  };
}

function readAt(
  store: MemoryStore,
  kind: Kind,
  namespace: string | undefined,
  at: number | undefined,
  token: Token | undefined,
): KubeObject[] {
  if (at === undefined) return store.list(kind.type, namespace);
  try {
    return store.snapshot(kind.type, namespace, at);
  } catch (error) {
    if (!isApiError(error, 'Expired')) throw error;
    if (token === undefined) throw expired('The resourceVersion for the provided list is too old.');
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      encode({ version: anyVersion, start: token.start }),
    );
  }
}
