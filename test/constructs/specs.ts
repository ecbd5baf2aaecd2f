import { readFileSync } from 'node:fs';
import { parseAppYaml, type AppSpec } from '../../src/app-yaml/index.js';
import type { YouzanAppProps } from '../../constructs/index.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** The seed's Python app. */
export const seedSpec: AppSpec = parseAppYaml(read('../app-yaml/fixtures/seed.yaml'), {
  file: 'app.yaml',
  name: 'wsgi-app',
});
/** The app of `npm run demo`. */
export const demoSpec: AppSpec = parseAppYaml(read('../../examples/demo/app.yaml'), { file: 'examples/demo/app.yaml' });
/** An app with every key of app.yaml. */
export const fullSpec: AppSpec = parseAppYaml(read('../app-yaml/fixtures/full.yaml'), { file: 'app.yaml' });

/** Props of a spec in cluster bc-a. */
export function propsOf(spec: AppSpec): YouzanAppProps & { readonly debug?: false } {
  return {
    spec,
    image: `registry.example/${spec.name}:1.0.0`,
    version: '1.0.0',
    cluster: 'bc-a',
    idc: 'bc',
    env: 'prod',
    namespace: 'trade',
  };
}

/** The debug release of the same app. */
export function debugged({ spec, image, version, cluster, idc, env, namespace }: YouzanAppProps): YouzanAppProps {
  return { spec, image, version, cluster, idc, env, namespace, debug: true };
}
