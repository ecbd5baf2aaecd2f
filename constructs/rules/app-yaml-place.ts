import { type AppSpec, placeInAppYaml } from '../../src/app-yaml/index.js';
import type { Finding } from '../../src/conventions/index.js';
import type { ManifestObject } from '../objects/manifest-object.js';
import type { RuleFinding } from './validate-bundle.js';

/** What of app.yaml a field of a manifest is made of; a name in a list stands for its index. */
const keysOfFields: readonly (readonly [field: RegExp, keys: (matched: readonly string[]) => readonly string[]])[] = [
  [/^spec\.replicas$/, () => ['replicas']],
  [/^spec\.ports\[(\w[\w-]*)\]/, ([name = '']) => ['ports', name]],
  [/\.containers\[[^\]]*\]\.resources(?:\.([\w.]+))?/, ([inner]) => ['resources', ...(inner?.split('.') ?? [])]],
  [/\.containers\[[^\]]*\]\.env\[(\w+)\]/, ([name = '']) => ['env', name]],
  [/\.containers\[[^\]]*\]\.ports\[(\w[\w-]*)\]/, ([name = '']) => ['ports', name]],
  [/\.containers\[[^\]]*\]\.(readiness|liveness|startup)Probe/, ([name = '']) => ['probes', name]],
  [/\.containers\[[^\]]*\]\.lifecycle|\.terminationGracePeriodSeconds$/, () => ['hooks']],
];

/** The finding of a prop, with the place in app.yaml where the prop was read from one. */
export function withSpecPlace(finding: Finding, constructPath: string, spec: AppSpec): Finding {
  const [top, ...keys] = finding.path.slice(constructPath.length + 1).split('.');
  return top === 'spec' ? placed(finding, spec, keys) : finding;
}

/** The finding of a manifest, with the place in app.yaml that its field was made of. */
export function withFieldPlace(finding: RuleFinding, spec: AppSpec): RuleFinding {
  const field = named(finding.object, finding.field);
  for (const [pattern, keysOf] of keysOfFields) {
    const matched = pattern.exec(field);
    if (matched !== null) return placed(finding, spec, keysOf(matched.slice(1)));
  }
  return finding;
}

function placed<T extends Finding>(finding: T, spec: AppSpec, keys: readonly string[]): T {
  const place = placeInAppYaml(spec, keys);
  return place === undefined ? finding : { ...finding, path: `${finding.path} (${place})` };
}

/** `env[3]` as `env[TZ]`. */
function named(object: ManifestObject, field: string): string {
  let value: unknown = object;
  return field
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .map((key) => {
      value = (value as Record<string, unknown> | undefined)?.[key];
      if (!/^\d+$/.test(key)) return `.${key}`;
      const { name } = (value ?? {}) as { readonly name?: unknown };
      return `[${typeof name === 'string' ? name : key}]`;
    })
    .join('')
    .slice(1);
}
