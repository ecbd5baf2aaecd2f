import type { ManifestObject } from '../objects/manifest-object.js';
import { mainName } from '../pod/main-name.js';
import { leavesOf } from './leaves.js';
import { isDefault, reasonOf } from './reasons.js';

/** What becomes of one field of what is there already. */
export interface AdoptedField {
  readonly object: 'Deployment' | 'Service';
  /** `spec.template.spec.containers[(main)].image`; `(main)` is the app's own container, whatever its name. */
  readonly field: string;
  readonly change: 'kept' | 'changed' | 'dropped';
  readonly was: unknown;
  /** Of a changed field. */
  readonly becomes?: unknown;
  /** Why a field is changed or dropped, and what a person can do. */
  readonly why?: string;
}

/** Every field of the former object, and what it is in the new one. */
export function adoptedFields(
  object: AdoptedField['object'],
  former: ManifestObject,
  own: ManifestObject | undefined,
  main: string,
): readonly AdoptedField[] {
  const made = new Map(leavesOf(own ?? {}, mainName).map(({ path, value }) => [path, value]));
  return leavesOf(former, main).map(({ path: field, value: was }) => {
    const becomes = made.get(field);
    if (made.has(field) && same(was, becomes)) return { object, field, change: 'kept', was };
    if (made.has(field)) return { object, field, change: 'changed', was, becomes, why: reasonOf(field) };
    if (isDefault(field, was)) return { object, field, change: 'kept', was };
    return { object, field, change: 'dropped', was, why: reasonOf(field) };
  });
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
