import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthApp, type Bundle } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { root, youzanKube } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const fleet = write(
  'fleet.yaml',
  `idcs:
  bc: { clusters: { bc-a: { version: '1.34' }, bc-b: { version: '1.34' } } }
  bd: { clusters: { bd-a: { version: '1.34' } } }
`,
);
const appYaml = 'examples/demo/app.yaml';
const image = 'registry.example/trade-core:1.4.0';

let outs = 0;
/** A folder that is not there yet. */
const nowhere = (): string => join(folder, `out-${++outs}`);
const synth = (file: string, out: string, ...more: string[]): ReturnType<typeof youzanKube> =>
  youzanKube(['synth', file, '--fleet', fleet, '--environment', 'prod', '--image', image, '--out', out, ...more]);
const filesIn = (out: string): string[] =>
  existsSync(out)
    ? readdirSync(out, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('yaml'))
        .sort()
    : [];

function bundle(cluster: string, idc: string): Bundle {
  const spec = parseAppYaml(readFileSync(join(root, appYaml), 'utf8'), { file: appYaml });
  return synthApp({ spec, image, version: '1.4.0', cluster, idc, env: 'prod', namespace: 'default' });
}

describe('youzan-kube synth', () => {
  it('writes a file per cluster and app that reads back as the same objects', async () => {
    const out = nowhere();
    const { code, stdout } = await synth(appYaml, out);
    expect(code).toBe(0);
    expect(filesIn(out)).toEqual(['bc-a/trade-core.yaml', 'bc-b/trade-core.yaml', 'bd-a/trade-core.yaml']);
    for (const [cluster, idc] of [
      ['bc-a', 'bc'],
      ['bc-b', 'bc'],
      ['bd-a', 'bd'],
    ] as const) {
      const file = join(out, cluster, 'trade-core.yaml');
      const documents = parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1' });
      expect(documents.map((one) => one.toJS() as unknown)).toEqual(bundle(cluster, idc).objects);
      expect(stdout).toContain(`${file}: Service trade-core, PodDisruptionBudget trade-core, Deployment trade-core`);
    }
  });

  it('prints the manifests of the named clusters and writes nothing, when asked to', async () => {
    const out = nowhere();
    const { code, stdout } = await synth(appYaml, out, '--dry-run', '--cluster', 'bc-b', 'bd-a');
    expect([code, existsSync(out)]).toEqual([0, false]);
    expect(stdout).toBe([bundle('bc-b', 'bc').yaml, bundle('bd-a', 'bd').yaml].join('---\n'));
  });

  it('does what the README shows', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const words = /^npx youzan-kube (synth .*)$/m.exec(readme)?.[1]?.split(' ') ?? [];
    const out = nowhere();
    const places: Readonly<Record<string, string>> = { 'app.yaml': appYaml, 'fleet.yaml': fleet, manifests: out };
    const { code, stderr } = await youzanKube(words.map((word) => places[word] ?? word));
    expect([code, stderr]).toEqual([0, '']);
    expect(filesIn(out)).toHaveLength(3);
  });
});

describe('youzan-kube synth with malformed input', () => {
  const findings = (stderr: string): string[] =>
    stderr
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().replace(`${folder}/`, ''));

  it('says every finding of app.yaml with its place', async () => {
    const out = nowhere();
    const file = write('app.yaml', 'name: Trade\nstack: s\nruntime: rust-1\nentrypont: x\nports: { http: 99999 }\n');
    const { code, stdout, stderr } = await synth(file, out);
    expect([code, stdout, existsSync(out)]).toEqual([2, '', false]);
    expect(stderr.split('\n')[0]).toBe(`error: ${file} is not valid: 5 findings`);
    expect(findings(stderr).map((line) => line.slice(0, 48))).toEqual([
      'app.yaml:1:1: "entrypoint" is missing',
      'app.yaml:1:7: name "Trade" is no name: lower-cas',
      'app.yaml:3:10: runtime "rust-1" belongs to no kn',
      'app.yaml:4:1: unknown key "entrypont"; did you m',
      'app.yaml:5:16: ports.http 99999 is no port: a wh',
    ]);
  });

  it('says every finding of fleet.yaml with its place', async () => {
    const out = nowhere();
    const file = write(
      'bad-fleet.yaml',
      'idcs:\n  bc: { clusters: { bc-a: { version: 1.34 }, BC: { version: "1.34" } } }\n',
    );
    const { code, stdout, stderr } = await synth(appYaml, out, '--fleet', file);
    expect([code, stdout, existsSync(out)]).toEqual([2, '', false]);
    expect(findings(stderr).map((line) => line.split(': ')[0])).toEqual(['bad-fleet.yaml:2:38', 'bad-fleet.yaml:2:46']);
  });

  it('says every finding of the props with the path of the construct', async () => {
    const out = nowhere();
    const { code, stdout, stderr } = await synth(appYaml, out, '--image', 'trade-core', '--environment', 'production');
    expect([code, stdout, existsSync(out)]).toEqual([2, '', false]);
    expect(findings(stderr)).toEqual([
      'bc-a/trade-core.env: "production" is no environment; known are daily, qa, perf, pre, prod',
      'bc-a/trade-core.version: "" is no label value: letters, digits, "-", "_", ".", at most 63',
      'bc-a/trade-core.image: "trade-core" has no tag and no digest',
    ]);
  });

  it.each<[string, string[], string]>([
    ['a cluster that the fleet has not', ['--cluster', 'bc-c'], 'no cluster "bc-c" in the fleet; it has bc-a, bc-b'],
    ['a fleet that is not there', ['--fleet', 'none.yaml'], "can't read none.yaml: ENOENT"],
  ])('refuses %s', async (_, more, message) => {
    const out = nowhere();
    const { code, stderr } = await synth(appYaml, out, ...more);
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(stderr).toContain(message);
  });

  it('writes no file at all when one can not be written', async () => {
    const out = nowhere();
    mkdirSync(out);
    writeFileSync(join(out, 'bd-a'), 'a file in the way');
    const { code, stderr } = await synth(appYaml, out);
    expect([code, readdirSync(out)]).toEqual([2, ['bd-a']]);
    expect(stderr).toContain(`error: can't write to ${out}: EEXIST`);
    expect(stderr).toContain('hint: nothing was written; name another folder with --out');
  });
});
