import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { isManifestObject, type ManifestObject } from './objects/manifest-object.js';
import { manifestYaml } from './objects/manifest-yaml.js';
import { withFieldPlace } from './rules/app-yaml-place.js';
import { bundleError, type RuleFinding, validateBundle, type ValidateOptions } from './rules/validate-bundle.js';
import { YouzanApp } from './youzan-app.js';
import type { AnyVariantProps, YouzanAppProps } from './app/youzan-app-props.js';

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

/** What {@link synthBundle} must know of an app's construct. */
export type BundlePlace = Pick<
  AnyVariantProps,
  'cluster' | 'idc' | 'namespace' | 'spec' | 'conventions' | 'kubernetesVersion'
>;

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
  return synthBundle(props, (chart) => new YouzanApp(chart, props.spec.name, props));
}

/**
 * As {@link synthApp}, of any construct of an app: a pair of colors, a stateful app, a job, a daemon.
 *
 * @param place where it goes, and what it is held to: the construct's own props will do.
 * @param make the construct, whose name the file gets.
 * @throws as the construct; or YouzanKubeError `BUNDLE_INVALID` where the manifests break rules.
 *
 * @example
 * const { yaml } = synthBundle(props, (chart) => new YouzanStatefulApp(chart, 'trade-store', props));
 */
export function synthBundle(place: BundlePlace, make: (chart: Chart) => Construct & { readonly name: string }): Bundle {
  const { cluster, idc, namespace, spec } = place;
  const chart = new Chart(new App(), cluster);
  const app = make(chart);
  const manifests: unknown = chart.toJson();
  const objects = (Array.isArray(manifests) ? manifests : []).map(inOrder).filter(isManifestObject);
  const findings = validateBundle(objects, ruleContext(place))
    .map((finding) => withFieldPlace(finding, spec))
    .map((finding) => ({ ...finding, path: `${app.node.path} ${finding.path}` }));
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

function ruleContext({ conventions, kubernetesVersion, spec }: BundlePlace): ValidateOptions {
  return {
    kind: spec.kind,
    ...(conventions !== undefined && { conventions }),
    ...(kubernetesVersion !== undefined && { kubernetesVersion }),
  };
}

/** With its keys sorted, as cdk8s does itself unless an environment variable forbids it. */
const inOrder = (manifest: unknown): unknown =>
  process.env['CDK8S_DISABLE_SORT'] === undefined ? manifest : sorted(manifest);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
