import type { KubeObject } from '../../kube/object.js';
import { apiVersionOf } from '../../kube/resource.js';
import { parseDocument } from 'yaml';
import { ApiError, badRequest, invalid, notFound, notModelled } from './api-error.js';
import { noSuchPath, type ApiRequest } from './api-request.js';
import { isMap, isList, mapAt, mergePatch, type JsonMap } from './json.js';
import type { MemoryStore, WriteChoice } from './memory-store.js';
import { readScale, scaleFrom } from './scale.js';

/** An answer to a request for one object. */
export interface Answer {
  readonly status: number;
  /** An object, or a Status. */
  readonly body: KubeObject | JsonMap;
}

const applyType = 'application/apply-patch+yaml';
const mergeType = 'application/merge-patch+json';
const refusedPatches: readonly string[] = ['application/json-patch+json', 'application/strategic-merge-patch+json'];

const notAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

function parseBody(text: string, contentType: string): JsonMap {
  let value: unknown;
  if (contentType === applyType || contentType === 'application/yaml') {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error !== undefined) throw badRequest(`error decoding YAML: ${error.message}`);
    value = document.toJS();
  } else {
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw badRequest(`couldn't get version/kind; json parse error: ${String(error)}`);
    }
  }
  if (!isMap(value)) throw badRequest('the body is not an object');
  return value;
}

const metaFields = new Set([
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** With `fieldValidation=Strict` unknown fields at the top and in metadata are refused; deeper ones are not known. */
function checkFields(request: ApiRequest, body: JsonMap): void {
  if (request.query.get('fieldValidation') !== 'Strict') return;
  const top = new Set(['apiVersion', 'kind', 'metadata', ...request.kind.fields]);
  const unknown = [
    ...Object.keys(body).filter((field) => !top.has(field)),
    ...Object.keys(mapAt(body, 'metadata'))
      .filter((field) => !metaFields.has(field))
      .map((field) => `metadata.${field}`),
  ];
  if (unknown.length === 0) return;
  const causes = unknown.map((field) => `unknown field "${field}"`).join(', ');
  throw badRequest(
    `${request.kind.type.kind} in version "${request.kind.type.version}" cannot be handled as a ${request.kind.type.kind}: strict decoding error: ${causes}`,
  );
}

const stringsOf = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (isMap(value) && Object.values(value).every((item) => typeof item === 'string'));

/** A body as an object of this request's kind, with the name and namespace of its path. */
function objectOf(request: ApiRequest, body: JsonMap): KubeObject {
  const { type } = request.kind;
  const { apiVersion, kind } = body;
  if (typeof kind !== 'string' || kind === '') throw badRequest("Object 'Kind' is missing in the request body");
  if (apiVersion !== apiVersionOf(type))
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${apiVersionOf(type)})`,
    );
  checkFields(request, body);
  const metadata = mapAt(body, 'metadata');
  if (!stringsOf(metadata['labels']) || !stringsOf(metadata['annotations']))
    throw badRequest(
      `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: json: cannot unmarshal labels or annotations: values must be strings`,
    );
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  if (request.name !== undefined && name !== '' && name !== request.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`);
  const namespace = metadata['namespace'];
  if (type.namespaced && typeof namespace === 'string' && namespace !== '' && namespace !== request.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  const scope = type.namespaced ? { namespace: request.namespace ?? '' } : {};
  return { ...body, apiVersion, kind, metadata: { ...metadata, ...scope, name: request.name ?? name } };
}

const choice = (request: ApiRequest, how: WriteChoice['how'], force = false): WriteChoice => ({
  how,
  manager: request.manager,
  subresource: request.subresource,
  dryRun: request.dryRun,
  force,
});

function liveOf(store: MemoryStore, request: ApiRequest): KubeObject {
  const name = request.name ?? '';
  const live = store.get(request.kind.type, request.namespace ?? '', name);
  if (live === undefined) throw notFound(request.kind.type, name);
  return live;
}

export function getObject(store: MemoryStore, request: ApiRequest): KubeObject {
  const live = liveOf(store, request);
  return request.subresource === 'scale' ? readScale(live) : live;
}

export function createObject(store: MemoryStore, request: ApiRequest, text: string): Answer {
  if (request.name !== undefined || (request.kind.type.namespaced && request.namespace === undefined))
    throw notAllowed();
  const object = objectOf(request, parseBody(text, request.contentType));
  return { status: 201, body: store.write(request.kind.type, object, choice(request, 'create')) };
}

export function replaceObject(store: MemoryStore, request: ApiRequest, text: string): Answer {
  const { type } = request.kind;
  const body = parseBody(text, request.contentType);
  if (request.subresource === 'scale') return writeScale(store, request, body);
  const object = objectOf(request, body);
  liveOf(store, request);
  if (request.kind.conditionalUpdate === true && (object.metadata.resourceVersion ?? '') === '')
    throw invalid(type, object.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: must be specified for an update',
        field: 'metadata.resourceVersion',
      },
    ]);
  return { status: 200, body: store.write(type, object, choice(request, 'update')) };
}

export function patchObject(store: MemoryStore, request: ApiRequest, text: string): Answer {
  if (refusedPatches.includes(request.contentType)) throw notModelled(`patches of type ${request.contentType}`);
  if (request.contentType === applyType) return applyObject(store, request, text);
  if (request.contentType !== mergeType)
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${[...refusedPatches, mergeType, applyType].join(', ')}`,
    );
  const patch = parseBody(text, request.contentType);
  const live = liveOf(store, request);
  if (request.subresource === 'scale') {
    const merged = mergePatch(readScale(live), patch);
    return writeScale(store, request, isMap(merged) ? merged : {});
  }
  const merged = mergePatch(live, patch);
  const object = objectOf(request, isMap(merged) ? merged : {});
  return { status: 200, body: store.write(request.kind.type, object, choice(request, 'update')) };
}

function writeScale(store: MemoryStore, request: ApiRequest, scale: JsonMap): Answer {
  const live = liveOf(store, request);
  const next = scaleFrom(live, scale);
  return { status: 200, body: readScale(store.write(request.kind.type, next, choice(request, 'update'))) };
}

function applyObject(store: MemoryStore, request: ApiRequest, text: string): Answer {
  const { type } = request.kind;
  if (request.subresource === 'scale') throw notModelled('server-side apply of scale');
  const force = request.query.get('force') === 'true';
  if ((request.query.get('fieldManager') ?? '') === '')
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' },
    ]);
  const body = parseBody(text, request.contentType);
  if (isList(mapAt(body, 'metadata')['managedFields'])) throw badRequest('metadata.managedFields must be nil');
  const existed = store.get(type, request.namespace ?? '', request.name ?? '') !== undefined;
  const object = store.write(type, objectOf(request, body), choice(request, 'apply', force));
  return { status: existed ? 200 : 201, body: object };
}

/** Kinds whose deletion answers with the object instead of a Status. */
const answersObject = new Set(['Pod', 'Service', 'Namespace']);

export function deleteObject(store: MemoryStore, request: ApiRequest, text: string): Answer {
  const { type } = request.kind;
  const options = text.trim() === '' ? {} : parseBody(text, request.contentType);
  const policy = options['propagationPolicy'] ?? request.query.get('propagationPolicy') ?? 'Background';
  if (policy !== 'Background') throw notModelled(`the propagation policy ${JSON.stringify(policy)}`);
  const preconditions = mapAt(options, 'preconditions');
  const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const grace = options['gracePeriodSeconds'] ?? request.query.get('gracePeriodSeconds') ?? undefined;
  const left = store.remove(type, request.namespace ?? '', request.name ?? '', {
    uid: textOf(preconditions['uid']),
    resourceVersion: textOf(preconditions['resourceVersion']),
    gracePeriodSeconds: grace === undefined ? undefined : Number(grace),
    dryRun: request.dryRun || isList(options['dryRun']),
  });
  const gone = store.get(type, request.namespace ?? '', request.name ?? '') === undefined;
  if (!gone || answersObject.has(type.kind)) return { status: 200, body: left };
  const { name, uid } = left.metadata;
  const details = { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.plural, uid };
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

/** Throws for a subresource that the kind doesn't have, or that is not modelled. */
export function checkSubresource(request: ApiRequest): void {
  const { subresource, kind } = request;
  if (subresource === undefined || (subresource === 'status' && kind.status)) return;
  if (subresource === 'scale' && kind.scale === true) return;
  const refused = [
    'eviction',
    'binding',
    'attach',
    'portforward',
    'proxy',
    'ephemeralcontainers',
    'resize',
    'finalize',
    'token',
  ];
  if (refused.some((name) => subresource === name || subresource.startsWith(`${name}/`)))
    throw notModelled(`${kind.type.plural}/${subresource}`);
  throw noSuchPath();
}
