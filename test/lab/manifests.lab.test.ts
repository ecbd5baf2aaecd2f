// Every manifest of test/constructs/golden, in full, at a real API server: server-side apply as a dry run, strict about
// fields; and what the rules say that an API server refuses.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManifestObject, rules, synthApp } from '../../constructs/index.js';
import { abridged, chartObjects, whole } from '../constructs/golden-props.js';
import { good } from '../constructs/rules/bundle.js';
import { bad } from '../constructs/rules/examples/index.js';
import { networkAttachments, verticalAutoscalers } from './by-hand/definitions.js';
import { locateBinaries } from './binaries/locate.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { useLab } from './use-lab.js';

const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
let cluster: LabCluster;

const prepared: readonly ManifestObject[] = [
  networkAttachments,
  verticalAutoscalers,
  ...['trade', 'qa-f1', 'youzan-system'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
];

interface Answer {
  readonly code: number;
  readonly output: string;
}

async function kubectl(...words: readonly string[]): Promise<Answer> {
  const [program = '', ...first] = locateBinaries().kubectl;
  const all = [...first, ...words, '--kubeconfig', cluster.kubeconfig];
  return new Promise((resolve) => {
    execFile(program, all, { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}

/** What `kubectl apply` says of objects. */
async function apply(name: string, objects: readonly ManifestObject[], ...options: readonly string[]): Promise<Answer> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return kubectl('apply', '--server-side', '--validate=strict', '-f', file, ...options);
}
const dryRun = (name: string, objects: readonly ManifestObject[]): Promise<Answer> =>
  apply(name, objects, '--dry-run=server');

beforeAll(async () => {
  ({ manifests: cluster } = await useLab({ manifests: { idc: 'bc' } }));
  expect(await apply('prepared', prepared)).toMatchObject({ code: 0 });
  const kinds = prepared.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name);
  for (const name of kinds)
    expect(await kubectl('wait', '--for=condition=Established', `crd/${name}`, '--timeout=30s')).toMatchObject({
      code: 0,
    });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a real API server', () => {
  const manifests = [
    ...Object.entries({ ...whole, ...abridged }).map(([name, props]) => ({ name, objects: synthApp(props).objects })),
    ...Object.entries(chartObjects).map(([name, objects]) => ({ name, objects })),
    { name: 'the good example of the rules', objects: good },
  ];

  it.each(manifests)('takes $name', async ({ name, objects }) => {
    const { code, output } = await dryRun(name, objects);
    expect(
      output
        .trim()
        .split('\n')
        .filter((line) => !line.endsWith('serverside-applied (server dry run)')),
    ).toEqual([]);
    expect(code).toBe(0);
  });

  it('would have refused a misspelt field', async () => {
    const [service] = synthApp(whole['demo']!).objects;
    const spec = { ...(service!['spec'] as object), selektor: {} };
    const { code, output } = await dryRun('misspelt', [{ ...service!, spec }]);
    expect([code, output]).toEqual([1, expect.stringMatching(/unknown field|field not declared/)]);
  });
});

describe('what a rule says that an API server refuses', () => {
  const refused = rules
    .filter(({ why }) => /^(The API server|Server-side apply) refuses/.test(why))
    .flatMap(({ id }) => (bad[id] ?? []).map(({ what, bundle }) => ({ id, what, bundle })));

  it.each(refused)('$id: $what', async ({ id, what, bundle }) => {
    const { code, output } = await dryRun(`${id}-${what.length}`, bundle);
    expect(output).toMatch(/^(Error from server|The \w+ ".*" is invalid|error: )/m);
    expect(code).toBe(1);
  });
});
