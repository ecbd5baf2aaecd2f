import { at, items } from './place.js';
import { podsOf } from './pods.js';
import type { Rule } from './rule.js';

export const affinityTerms: Rule = {
  id: 'affinity-terms',
  what: 'What a pod requires of its node stands in one term.',
  why: 'A node that fits one of several terms is enough, so a condition that stands in a second one is none: attract() of cdk8s-plus, called twice, does that.',
  severity: 'warning',
  fix: 'put all expressions into one term, or say the alternatives as values of one expression',
  check: (bundle) =>
    podsOf(bundle)
      .map(({ spec }) =>
        at(spec, 'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'),
      )
      .filter((place) => items(place).length > 1)
      .map((place) => ({ place, message: `any one of ${items(place).length} terms is enough` })),
};
