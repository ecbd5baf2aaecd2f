import { type Conventions, type Finding, findingsError, youzanConventions } from '../../src/conventions/index.js';
import type { YouzanKubeError } from '../../src/conventions/index.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import { pathOf } from './json-path.js';
import type { Place } from './place.js';
import type { Rule, RuleContext } from './rule.js';
import { rules } from './rules.js';

export interface ValidateOptions extends Omit<RuleContext, 'conventions'> {
  /** Default: Youzan's. */
  readonly conventions?: Conventions;
}

/** What breaks a rule: `path` names the object and the place in it, `message` what was got and the way out. */
export interface RuleFinding extends Finding {
  readonly rule: string;
  readonly severity: Rule['severity'];
  readonly object: ManifestObject;
  /** `spec.template.spec.containers[0].image` */
  readonly field: string;
}

/**
 * Holds the objects of a bundle to all rules. The objects may be any that go to one cluster together: a bundle of
 * `synthApp`, the output of `chart.toJson()`, or what a file of manifests has.
 *
 * @returns errors and warnings, in the order of the rules.
 *
 * @example
 * const findings = validateBundle(chart.toJson(), { kubernetesVersion: '1.29' });
 * for (const { severity, path, message } of findings) console.log(severity, path, message);
 */
export function validateBundle(objects: readonly ManifestObject[], options: ValidateOptions = {}): RuleFinding[] {
  const context: RuleContext = { ...options, conventions: options.conventions ?? youzanConventions };
  return rules.flatMap((rule) =>
    rule.check(objects, context).map(({ place, message }) => findingOf(rule, place, message)),
  );
}

function findingOf(rule: Rule, place: Place, message: string): RuleFinding {
  const { object } = place;
  const field = pathOf(place);
  return {
    path: `${nameOf(object)} ${field}`.trim(),
    message: `${message} (${rule.id}: ${rule.fix})`,
    rule: rule.id,
    severity: rule.severity,
    object,
    field,
  };
}

/** `Deployment trade/trade-core`. */
function nameOf({ kind, metadata }: ManifestObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** The error of a bundle that breaks rules. */
export function bundleError(subject: string, findings: readonly RuleFinding[]): YouzanKubeError {
  return findingsError('BUNDLE_INVALID', `the manifests of ${subject} are not valid`, findings);
}
