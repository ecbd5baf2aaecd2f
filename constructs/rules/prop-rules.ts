import type { Finding } from '../../src/conventions/index.js';
import type { Rule } from './rule.js';

/** What is asked of an app's props, before any manifest is made of them: always an error. */
export interface PropRule extends Omit<Rule, 'severity' | 'check'> {
  /** The props that it is asked of. */
  readonly props: RegExp;
}

/** The rules of the processes of an app; what else is wrong with a prop is said of the prop alone. */
export const propRules: readonly PropRule[] = [
  {
    id: 'helper-cycle',
    props: /^spec\.helpers$/,
    what: 'No helper waits for itself, by others or not.',
    why: 'None of them would ever start.',
    fix: 'take one of the names out of an after',
  },
  {
    id: 'unknown-helper',
    props: /^spec\.(helpers\.\d+\.)?after\.\d+$/,
    what: 'What a process waits for is a helper.',
    why: 'The process would never start.',
    fix: 'look at the spelling, or describe the helper',
  },
  {
    id: 'two-mains',
    props: /^spec\.helpers\.\d+\.name$/,
    what: 'Every process of a container has a name of its own, and the app is the only main one.',
    why: "The container's end and its exit code are those of one process.",
    fix: 'rename the helper',
  },
];

/** The finding with the id of the rule that it breaks, where there is one. */
export function withPropRule(finding: Finding, constructPath: string): Finding {
  const prop = finding.path.slice(constructPath.length + 1);
  const rule = propRules.find(({ props }) => props.test(prop));
  return rule === undefined ? finding : { ...finding, rule: rule.id };
}
