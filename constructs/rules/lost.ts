import { lostPlaces } from './lost-fields.js';
import type { Rule } from './rule.js';

export const lostField: Rule = {
  id: 'lost-field',
  what: 'Everything that was written of an object, also by a patch, is in its manifest.',
  why: 'Objects of cdk8s-plus-28 drop what their version does not know, what is misspelt, and a plain number or text where they want an IntOrString or a Quantity.',
  severity: 'error',
  fix: 'look at the spelling; make the object a raw ApiObject where the field is newer',
  check: (bundle, { written }) =>
    bundle.flatMap((object) =>
      lostPlaces(written?.get(object), object).map(({ trail, message }) => ({
        place: { object, value: undefined, ...trail },
        message,
      })),
    ),
};
