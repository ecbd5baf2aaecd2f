import { App, Chart } from 'cdk8s';
import { isManifestObject, type ManifestObject } from './objects/manifest-object.js';
import { manifestYaml } from './objects/manifest-yaml.js';
import { bundleError, type RuleFinding, validateBundle, type ValidateOptions } from './rules/validate-bundle.js';
import { YouzanApp } from './youzan-app.js';
import type { YouzanAppProps } from './app/youzan-app-props.js';

/** The manifests of one app for one cluster. */
export interface Bundle {
  readonly cluster: string;
  readonly idc: string;
  readonly app: string;
  readonly namespace: string;
  /** In the order in which they are applied. */
  readonly objects: readonly ManifestObject[];
  /** For a Deployment that a release creates: app.yaml's. */
  readonly replicas?: number | undefined;
  /** The same objects as YAML documents. */
  readonly yaml: string;
  /** Unique among the bundles of a cluster's namespace: `trade-core.yaml`. */
  readonly fileName: string;
  /** What breaks a rule that is no error. */
  readonly warnings: readonly RuleFinding[];
}

/**
 * The manifests of one app for one cluster, in memory. Each call has a cdk8s App of its own: one App for many apps takes
 * time that grows with the square of their number.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding, or `BUNDLE_INVALID` where the manifests break rules.
 *
 * @example
 * const bundle = synthApp({ spec, image: 'registry.example/trade-core:1.4.0', version: '1.4.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' });
 * writeFileSync(bundle.fileName, bundle.yaml);
 */
export function synthApp(props: YouzanAppProps): Bundle {
  const { cluster, idc, namespace, spec } = props;
  const chart = new Chart(new App(), cluster);
  const app = new YouzanApp(chart, spec.name, props);
  const manifests: unknown = chart.toJson();
  const objects = (Array.isArray(manifests) ? manifests : []).map(sorted).filter(isManifestObject);
  const findings = validateBundle(objects, ruleContext(props)).map((finding) => ({
    ...finding,
    path: `${app.node.path} ${finding.path}`,
  }));
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw bundleError(app.node.path, errors);
  return {
    cluster,
    idc,
    app: spec.name,
    namespace,
    objects,
    ...(objects.some(({ kind }) => kind === 'Deployment') && { replicas: spec.replicas }),
    yaml: manifestYaml(objects),
    fileName: `${app.name}.yaml`,
    warnings: findings,
  };
}

function ruleContext({ conventions, kubernetesVersion, spec }: YouzanAppProps): ValidateOptions {
  return {
    kind: spec.kind,
    ...(conventions !== undefined && { conventions }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
  };
}

/** `apiVersion`, `kind`, `metadata`, then the rest, keys sorted: cdk8s sorts unless an environment variable forbids it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
