import { App, Chart } from 'cdk8s';
import { manifestYaml } from './objects/manifest-yaml.js';
import { YouzanApp } from './youzan-app.js';
import type { YouzanAppProps } from './app/youzan-app-props.js';

/** One object of a bundle, as `kubectl apply` takes it. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** The manifests of one app for one cluster. */
export interface Bundle {
  readonly cluster: string;
  readonly idc: string;
  readonly app: string;
  readonly namespace: string;
  /** In the order in which they are applied. */
  readonly objects: readonly ManifestObject[];
  /** The same objects as YAML documents. */
  readonly yaml: string;
  /** Unique among the bundles of a cluster's namespace: `trade-core.yaml`. */
  readonly fileName: string;
}

/**
 * The manifests of one app for one cluster, in memory. Each call has a cdk8s App of its own: one App for many apps takes
 * time that grows with the square of their number.
 *
 * @throws YouzanKubeError `PROPS_INVALID` with every finding.
 *
 * @example
 * const bundle = synthApp({ spec, image: 'registry.example/trade-core:1.4.0', version: '1.4.0', idc: 'bc', cluster: 'bc-a', env: 'prod', namespace: 'trade' });
 * writeFileSync(bundle.fileName, bundle.yaml);
 */
export function synthApp(props: YouzanAppProps): Bundle {
  const { cluster, idc, namespace, spec } = props;
  const chart = new Chart(new App(), cluster);
  const { name } = new YouzanApp(chart, spec.name, props);
  const manifests: unknown = chart.toJson();
  const objects = (Array.isArray(manifests) ? manifests : []).map(sorted).filter(isManifest);
  return {
    cluster,
    idc,
    app: spec.name,
    namespace,
    objects,
    yaml: manifestYaml(objects),
    fileName: `${name}.yaml`,
  };
}

/** `apiVersion`, `kind`, `metadata`, then the rest, keys sorted: cdk8s sorts unless an environment variable forbids it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function isManifest(value: unknown): value is ManifestObject {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value && 'metadata' in value;
}
