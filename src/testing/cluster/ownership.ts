import type { KubeObject } from '../../kube/object.js';
import { ApiError } from './api-error.js';
import {
  diffFields,
  fieldPathText,
  fieldsOf,
  fromFieldsV1,
  isBelow,
  mergeFields,
  removeFields,
  toFieldsV1,
  withAncestors,
  type FieldSet,
} from './field-set.js';
import { isMap } from './json.js';

/** Who writes, and into which part of the object. */
export interface Writer {
  readonly manager: string;
  readonly subresource?: string | undefined;
}

interface Owner extends Writer {
  readonly operation: string;
  readonly apiVersion: string;
  readonly time: string;
  fields: FieldSet;
  changed: boolean;
}

/** No manager owns these. */
const unowned = [
  ['apiVersion'],
  ['kind'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['metadata', field]),
];

const owned = (set: FieldSet): FieldSet =>
  new Set([...set].filter((path) => path !== 'f:metadata' && !isBelow(path, unowned)));

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function ownersOf(object: KubeObject | undefined): Owner[] {
  return (object?.metadata.managedFields ?? []).filter(isMap).map((entry) => ({
    manager: text(entry['manager']),
    operation: text(entry['operation']),
    apiVersion: text(entry['apiVersion']),
    subresource: typeof entry['subresource'] === 'string' ? entry['subresource'] : undefined,
    time: text(entry['time']),
    fields: fromFieldsV1(entry['fieldsV1']),
    changed: false,
  }));
}

const orderOf = (owner: Owner): string => `${owner.operation} ${owner.time} ${owner.manager}`;

function entriesOf(owners: readonly Owner[], now: string): unknown[] {
  return owners
    .filter((owner) => owner.fields.size > 0)
    .map((owner) => ({ ...owner, time: owner.changed ? now : owner.time }))
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b)))
    .map((owner) => ({
      manager: owner.manager,
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      time: owner.time,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(owner.fields),
      ...(owner.subresource === undefined ? {} : { subresource: owner.subresource }),
    }));
}

const isSame = (owner: Owner, who: Writer, operation: string): boolean =>
  owner.manager === who.manager && owner.operation === operation && owner.subresource === who.subresource;

function setFields(owner: Owner, fields: FieldSet): void {
  if (fields.size !== owner.fields.size || [...fields].some((path) => !owner.fields.has(path))) owner.changed = true;
  owner.fields = fields;
}

const minus = (set: FieldSet, ...others: readonly ReadonlySet<string>[]): FieldSet =>
  new Set([...set].filter((path) => !others.some((other) => other.has(path))));

/** Sets the `managedFields`, which are left out when nobody owns anything. */
export function setOwners(object: KubeObject, entries: unknown[]): void {
  if (entries.length > 0) object.metadata.managedFields = entries;
  else delete object.metadata.managedFields;
}

/**
 * The `managedFields` after an update, which owns what it changes and takes it from everyone else. An object without
 * any stays without until it is applied.
 */
export function recordUpdate(before: KubeObject | undefined, after: KubeObject, who: Writer, now: string): unknown[] {
  const diff = diffFields(before ?? {}, after);
  const changed = owned(diff.changed);
  const owners = ownersOf(before);
  if (before !== undefined && owners.length === 0) return [];
  let mine = owners.find((owner) => isSame(owner, who, 'Update') && owner.apiVersion === after.apiVersion);
  if (mine === undefined) {
    mine = { ...who, operation: 'Update', apiVersion: after.apiVersion, time: now, fields: new Set(), changed: true };
    owners.push(mine);
  }
  for (const owner of owners) {
    if (owner !== mine) setFields(owner, minus(owner.fields, changed, diff.removed));
    else setFields(owner, new Set([...minus(owner.fields, diff.removed), ...changed]));
  }
  return entriesOf(owners, now);
}

const named = (owner: Owner): string => {
  const who =
    JSON.stringify(owner.manager) +
    (owner.subresource === undefined ? '' : ` with subresource ${JSON.stringify(owner.subresource)}`);
  return owner.operation === 'Update' ? `${who} using ${owner.apiVersion}` : who;
};

function conflictError(conflicts: readonly { readonly owner: Owner; readonly path: string }[]): ApiError {
  const found = conflicts
    .map(({ owner, path }) => ({ manager: named(owner), field: fieldPathText(path) }))
    .sort((a, b) => (a.manager === b.manager ? (a.field < b.field ? -1 : 1) : a.manager < b.manager ? -1 : 1));
  const [first] = found;
  const managers = [...new Set(found.map((conflict) => conflict.manager))];
  const many = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...found.filter((conflict) => conflict.manager === manager).map((conflict) => `- ${conflict.field}`),
  ]);
  const message =
    found.length === 1 && first !== undefined
      ? `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`
      : `Apply failed with ${found.length} conflicts: ${many.join('\n')}`;
  const causes = found.map((conflict) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${conflict.manager}`,
    field: conflict.field,
  }));
  return new ApiError(409, 'Conflict', message, { causes });
}

/** Stands for whoever wrote an object that nobody owned. */
const beforeFirstApply = (live: KubeObject, { subresource }: Writer, now: string): Owner => ({
  manager: 'before-first-apply',
  subresource,
  operation: 'Update',
  apiVersion: live.apiVersion,
  time: now,
  fields: owned(diffFields({}, live).changed),
  changed: true,
});

/**
 * Server-side apply: the merged object, without what the manager no longer sends and nobody else owns. `finish` is
 * called before owners are compared and brings defaults and rules. Throws a 409 that names managers and fields unless
 * `force`.
 */
export function applyConfiguration(
  live: KubeObject | undefined,
  config: KubeObject,
  who: Writer & { readonly force: boolean },
  now: string,
): { readonly merged: KubeObject; readonly managedFields: unknown[] } {
  const owners = ownersOf(live);
  if (live !== undefined && owners.length === 0) owners.push(beforeFirstApply(live, who, now));
  let mine = owners.find((owner) => isSame(owner, who, 'Apply'));
  const last = mine?.fields ?? new Set<string>();
  if (mine === undefined) {
    mine = {
      manager: who.manager,
      subresource: who.subresource,
      operation: 'Apply',
      apiVersion: config.apiVersion,
      time: now,
      fields: new Set(),
      changed: true,
    };
    owners.push(mine);
  }
  setFields(mine, owned(fieldsOf(config)));
  const kept = withAncestors(new Set(owners.flatMap((owner) => [...owner.fields])));
  const pruned = minus(withAncestors(last), kept);
  pruned.delete('f:metadata');
  const merged = removeFields(mergeFields(live ?? {}, config), pruned);
  const diff = diffFields(live ?? {}, merged);
  const others = owners.filter((owner) => owner !== mine);
  const conflicts = others.flatMap((owner) =>
    [...owner.fields].filter((path) => diff.changed.has(path)).map((path) => ({ owner, path })),
  );
  if (conflicts.length > 0 && !who.force) throw conflictError(conflicts);
  for (const owner of others) setFields(owner, minus(owner.fields, diff.changed, diff.removed));
  return { merged: asObject(merged, config), managedFields: entriesOf(owners, now) };
}

/** A merged object keeps apiVersion, kind and metadata, which every configuration has. */
function asObject(merged: unknown, config: KubeObject): KubeObject {
  return { ...config, ...(isMap(merged) ? merged : {}) };
}
