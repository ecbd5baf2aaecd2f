import { at, isSet, itemsAt, repeated, textAt, textOf } from './place.js';
import { containersOf } from './pods.js';
import type { Rule } from './rule.js';

export const envName: Rule = {
  id: 'env-name',
  what: 'An environment variable has a name of letters, digits, _, - and ., no digit first, and a text or a source as its value.',
  why: 'API servers before 1.32 refuse other names, every one refuses other values; a shell reads no name with - or a dot.',
  severity: 'error',
  fix: 'rename it; write a number as a text',
  check: (bundle) =>
    containersOf(bundle).flatMap(({ place }) =>
      itemsAt(place, 'env').flatMap((variable) => {
        const name = at(variable, 'name');
        const value = at(variable, 'value');
        const source = at(variable, 'valueFrom');
        return [
          ...(typeof name.value === 'string' && /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name.value)
            ? []
            : [{ place: name, message: `${textOf(name)} is no name of a variable` }]),
          ...(isSet(value) && typeof value.value !== 'string'
            ? [{ place: value, message: `${textOf(value)} is no text` }]
            : []),
          ...(isSet(value) && isSet(source) && value.value !== ''
            ? [{ place: source, message: 'stands beside a value' }]
            : []),
        ];
      }),
    ),
};

export const duplicateEnv: Rule = {
  id: 'duplicate-env',
  what: 'A container has no two environment variables of one name.',
  why: 'Server-side apply refuses the object; otherwise the last one counts.',
  severity: 'error',
  fix: 'leave one of them out',
  check: (bundle) =>
    containersOf(bundle).flatMap(({ place }) =>
      repeated(itemsAt(place, 'env'), (variable) => textAt(variable, 'name')).map((variable) => ({
        place: at(variable, 'name'),
        message: `"${textAt(variable, 'name') ?? ''}" stands twice`,
      })),
    ),
};
