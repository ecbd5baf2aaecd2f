// What each example prints, run as it stands: a process of its own, in the repository's folder.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type ManifestObject, validateBundle } from '../../constructs/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function outputOf(example: string): Promise<string> {
  const words = ['--import', 'tsx', `examples/${example}/main.ts`];
  return (await promisify(execFile)(process.execPath, words, { cwd: root })).stdout;
}

const objectsIn = (text: string): ManifestObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as ManifestObject);
const app = ['Service', 'PodDisruptionBudget', 'Deployment'];
const named = (name: string, kinds: readonly string[]): string[] => kinds.map((kind) => `${kind} ${name}`);

/** The example, its objects, and what it is there to show. */
const examples: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['java', named('order-service', [...app, 'HorizontalPodAutoscaler']), /-XX:ActiveProcessorCount=2 /],
  ['node', named('h5-web', app), /log-agent.mjs/],
  ['python', named('wsgi-app', app), /gunicorn_config\.py/],
  ['php', named('showcase', app), /nginx -p \. -c nginx\.conf/],
  ['static', named('assets', app), /daemon off;/],
  ['debug', ['Job h5-web-debug'], /activeDeadlineSeconds: 3600/],
  ['gray', [...named('order-service', app), ...named('order-service-gray', app)], /youzan\.com\/color: gray/],
  [
    'blue-green',
    [...named('order-service-blue', app), ...named('order-service-green', app), 'Service order-service-active'],
    /name: order-service-active\n(?:.*\n)+?spec:\n(?:.*\n)+? {2}selector:\n(?:.*\n)*? {4}youzan\.com\/color: blue/,
  ],
  [
    'service-chain',
    [
      'Namespace qa-f1',
      ...named('project', ['ResourceQuota', 'LimitRange', 'NetworkPolicy']),
      'ConfigMap service-chain',
      ...named('order-service-f1', app),
    ],
    /name: KDT_X_SERVICE_CHAIN\n\s+value: '\{"name":"f1"\}'/,
  ],
];

describe('an example prints manifests', () => {
  it.each(examples)('%s', async (example, objects, shows) => {
    const text = await outputOf(example);
    const made = objectsIn(text);
    expect(made.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(objects);
    expect(text).toMatch(shows);
    const findings = validateBundle(made, { kubernetesVersion: '1.34' });
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

it('the example fleet prints a line for each of five apps in each of four clusters', async () => {
  const lines = (await outputOf('fleet')).trim().split('\n');
  expect(lines).toHaveLength(20);
  expect(lines.slice(0, 4)).toEqual(
    ['bc-a', 'bc-b', 'bd-a', 'bd-b'].map((cluster) => `${cluster}/order-service.yaml: ${app.join(', ')}`),
  );
});

it('the examples import the package by its public names only', () => {
  const files = readdirSync(`${root}examples`).map((name) => `${root}examples/${name}/main.ts`);
  const imports = files
    .filter((file) => !file.includes('/demo/') && existsSync(file))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, name = '']) => name));
  expect(imports.filter((name) => name.startsWith('.') || /^youzan-kube\/(?!constructs$)/.test(name))).toEqual([]);
});
