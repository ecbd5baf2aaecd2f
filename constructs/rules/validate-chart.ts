import { ApiObject } from 'cdk8s';
import type { IConstruct, IValidation } from 'constructs';
import { isManifestObject, type ManifestObject } from '../objects/manifest-object.js';
import { type RuleFinding, validateBundle, type ValidateOptions } from './validate-bundle.js';

/**
 * Holds all objects of a chart to the rules, also those that are not this library's: raw, of cdk8s-plus, or read from a
 * file. Here the rule `lost-field` sees what an object of cdk8s-plus drops of the patches that it was given. What goes to
 * several clusters or namespaces by itself is better held to the rules by itself.
 *
 * @returns errors and warnings, each with its construct's path.
 *
 * @example
 * for (const { severity, path, message } of validateChart(chart)) console.log(severity, path, message);
 */
export function validateChart(chart: IConstruct, options: ValidateOptions = {}): RuleFinding[] {
  const paths = new Map<ManifestObject, string>();
  const written = new Map<ManifestObject, unknown>();
  for (const node of chart.node.findAll()) {
    if (!ApiObject.isApiObject(node)) continue;
    const object: unknown = node.toJson();
    if (!isManifestObject(object)) continue;
    paths.set(object, node.node.path);
    // Before the class of the kind leaves out what it does not know.
    const before: unknown = ApiObject.prototype.toJson.call(node);
    written.set(object, before);
  }
  return validateBundle([...paths.keys()], { written, ...options }).map((finding) => ({
    ...finding,
    path: `${paths.get(finding.object) ?? ''} ${finding.path}`,
  }));
}

/**
 * Lets `app.synth()`, and `chart.toJson()`, fail where the chart breaks a rule that is an error.
 *
 * @example
 * chart.node.addValidation(ruleValidation(chart, { kubernetesVersion: '1.33' }));
 */
export function ruleValidation(chart: IConstruct, options: ValidateOptions = {}): IValidation {
  return {
    validate: () =>
      validateChart(chart, options)
        .filter(({ severity }) => severity === 'error')
        .map(({ path, message }) => `${path}: ${message}`),
  };
}
