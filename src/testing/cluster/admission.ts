import { randomBytes } from 'node:crypto';
import type { KubeObject, ObjectMeta } from '../../kube/object.js';
import { apiVersionOf, resources, type ResourceType } from '../../kube/resource.js';
import { badRequest, forbidden, notFound } from './api-error.js';
import { applyDefaults } from './defaults.js';
import { cleanCopy, equalJson, isMap, listAt, mapAt } from './json.js';
import type { Kind } from './kinds.js';
import { omitEmptyFields } from './omitted.js';
import type { Writer } from './ownership.js';
import { validate } from './validation.js';

/** What the rules need to know of the cluster. */
export interface AdmissionContext {
  readonly now: () => Date;
  readonly uid: () => string;
  readonly namespace: (name: string) => KubeObject | undefined;
  /** The next free address for a Service. */
  readonly clusterIp: () => string;
}

/** RFC 3339 in whole seconds, as `metav1.Time` is written. */
export const wireTime = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** The caller's object as this type's own plain data; throws 400 for another kind or no metadata. */
export function ownCopy(type: ResourceType, input: KubeObject): KubeObject {
  const copy = cleanCopy(input);
  const metadata = mapAt(copy, 'metadata');
  if (!isMap(copy) || !isMap(copy['metadata'])) throw badRequest('the object has no metadata');
  if (input.kind !== type.kind || input.apiVersion !== apiVersionOf(type))
    throw badRequest(
      `${type.kind} in version "${apiVersionOf(type)}" cannot be handled as a ${input.kind} in version "${input.apiVersion}"`,
    );
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  return { ...copy, apiVersion: apiVersionOf(type), kind: type.kind, metadata: { ...metadata, name } };
}

/** The parts of metadata that the client decides. */
function clientMeta(metadata: ObjectMeta): ObjectMeta {
  const kept: ObjectMeta = { ...metadata };
  delete kept.managedFields;
  delete kept.resourceVersion;
  delete kept.deletionTimestamp;
  delete kept.deletionGracePeriodSeconds;
  for (const field of ['selfLink', 'uid', 'generation', 'creationTimestamp']) Reflect.deleteProperty(kept, field);
  for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const)
    if (kept[field] !== undefined && Object.keys(kept[field]).length === 0) Reflect.deleteProperty(kept, field);
  return kept;
}

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

function generatedName(prefix: string): string {
  const suffix = [...randomBytes(5)].map((byte) => suffixLetters[byte % suffixLetters.length] ?? 'x').join('');
  return `${prefix.slice(0, 58)}${suffix}`;
}

const firstStatus: Readonly<Record<string, unknown>> = {
  Pod: { phase: 'Pending', qosClass: 'BestEffort' },
  Service: { loadBalancer: {} },
  Namespace: { phase: 'Active' },
};

function qosClass(pod: KubeObject): string {
  const claims = listAt(pod, 'spec', 'containers').map((container) => mapAt(container, 'resources'));
  if (
    claims.every(
      (claim) => Object.keys(mapAt(claim, 'limits')).length + Object.keys(mapAt(claim, 'requests')).length === 0,
    )
  )
    return 'BestEffort';
  const guaranteed = claims.every((claim) => {
    const limits = mapAt(claim, 'limits');
    const requests = mapAt(claim, 'requests');
    return ['cpu', 'memory'].every(
      (name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name],
    );
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function checkNamespace(type: ResourceType, object: KubeObject, context: AdmissionContext): void {
  if (!type.namespaced) {
    delete object.metadata.namespace;
    return;
  }
  const name = object.metadata.namespace ?? '';
  const namespace = name === '' ? undefined : context.namespace(name);
  if (namespace === undefined) throw notFound(resources.namespaces, name);
  if (namespace.metadata.deletionTimestamp !== undefined)
    throw forbidden(
      type,
      object.metadata.name,
      `unable to create new content in namespace ${name} because it is being terminated`,
    );
}

/** A new object as it will be stored, without owners and resourceVersion. Throws 400, 403, 404 or 422. */
export function admitCreate(kind: Kind, input: KubeObject, context: AdmissionContext): KubeObject {
  const { type } = kind;
  if (input.metadata.resourceVersion !== undefined && input.metadata.resourceVersion !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  const generateName: unknown = Reflect.get(input.metadata, 'generateName');
  const object: KubeObject = { ...input, metadata: clientMeta(input.metadata) };
  if (object.metadata.name === '' && typeof generateName === 'string')
    object.metadata.name = generatedName(generateName);
  checkNamespace(type, object, context);
  if (kind.status && type !== resources.nodes) Reflect.deleteProperty(object, 'status');
  omitEmptyFields(type.kind, object);
  applyDefaults(object);
  if (kind.status && object['status'] === undefined) object['status'] = structuredClone(firstStatus[type.kind] ?? {});
  if (type.kind === 'Pod') object['status'] = { phase: 'Pending', qosClass: qosClass(object) };
  if (type.kind === 'Service') allocateAddress(object, context);
  validate(type, object, undefined);
  object.metadata.uid = context.uid();
  object.metadata.creationTimestamp = wireTime(context.now());
  if (kind.generation !== undefined) object.metadata.generation = 1;
  return object;
}

/** Given by the server after the writer's fields were counted. */
const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

/** The part of a new object that its writer owns: what was sent, `sentSpec` in the spec, and what defaults filled in. */
export function ownedAtCreation(kind: Kind, sentSpec: readonly string[], created: KubeObject): KubeObject {
  const view: KubeObject = { ...created };
  if (kind.status) Reflect.deleteProperty(view, 'status');
  if (kind.type.kind === 'Namespace') Reflect.deleteProperty(view, 'spec');
  if (kind.type.kind === 'Service') {
    const fields = Object.entries(mapAt(created, 'spec'));
    view['spec'] = Object.fromEntries(fields.filter(([name]) => sentSpec.includes(name) || !allocated.includes(name)));
  }
  return view;
}

function allocateAddress(service: KubeObject, context: AdmissionContext): void {
  const spec = mapAt(service, 'spec');
  if (spec['type'] === 'ExternalName') return;
  spec['clusterIP'] ??= context.clusterIp();
  spec['clusterIPs'] ??= [spec['clusterIP']];
}

/** The object after an update of it, or of its status only. Throws 422. */
export function admitUpdate(kind: Kind, live: KubeObject, input: KubeObject, who: Writer): KubeObject {
  const { type } = kind;
  const object: KubeObject =
    who.subresource === 'status' ? statusUpdate(live, input) : { ...input, metadata: clientMeta(input.metadata) };
  if (who.subresource !== 'status' && kind.status) {
    Reflect.deleteProperty(object, 'status');
    if (live['status'] !== undefined) object['status'] = live['status'];
  }
  keepServerMeta(object.metadata, live.metadata);
  const draft = ownCopy(type, object);
  if (type.kind === 'Service') keepAddress(draft, live);
  omitEmptyFields(type.kind, draft);
  applyDefaults(draft);
  if (who.subresource !== 'status') validate(type, draft, live);
  if (who.subresource !== 'status' && grows(kind, live, draft))
    draft.metadata.generation = (live.metadata.generation ?? 0) + 1;
  draft.metadata.resourceVersion = live.metadata.resourceVersion ?? '';
  return draft;
}

/** Of the metadata a status update brings annotations only: the deployment controller keeps its revision there. */
function statusUpdate(live: KubeObject, input: KubeObject): KubeObject {
  const metadata: ObjectMeta = { ...live.metadata };
  if (live.kind === 'Deployment' && input.metadata.annotations !== undefined)
    metadata.annotations = input.metadata.annotations;
  return { ...live, metadata, status: input['status'] ?? {} };
}

function keepServerMeta(target: ObjectMeta, live: ObjectMeta): void {
  for (const field of [
    'uid',
    'creationTimestamp',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const)
    if (live[field] !== undefined) Reflect.set(target, field, live[field]);
  if (live.namespace !== undefined) target.namespace = live.namespace;
}

function keepAddress(service: KubeObject, live: KubeObject): void {
  const spec = mapAt(service, 'spec');
  const before = mapAt(live, 'spec');
  for (const field of ['clusterIP', 'clusterIPs']) if (before[field] !== undefined) spec[field] ??= before[field];
}

function grows(kind: Kind, live: KubeObject, next: KubeObject): boolean {
  if (kind.generation === undefined) return false;
  const spec = !equalJson(live['spec'], next['spec']);
  if (kind.generation === 'spec') return spec;
  const annotations = !equalJson(live.metadata.annotations ?? {}, next.metadata.annotations ?? {});
  if (kind.generation === 'spec+annotations') return spec || annotations;
  const bare = (object: KubeObject): unknown => ({
    ...object,
    metadata: { labels: object.metadata.labels ?? {}, annotations: object.metadata.annotations ?? {} },
  });
  return !equalJson(bare(live), bare(next));
}
