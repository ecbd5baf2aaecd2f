import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthApp, type Bundle } from '../../constructs/index.js';
import { parseAppYaml } from '../../src/app-yaml/index.js';
import { createKubeClient, credentialsFromKubeconfig, resources } from '../../src/kube/index.js';
import { fieldManagers } from '../../src/release/index.js';
import { startEmbeddedCluster } from '../../src/testing/index.js';
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

const seed = readFileSync(join(root, 'test/app-yaml/fixtures/seed.yaml'), 'utf8');

/** A folder of apps, by name. */
function appFolder(name: string, apps: Readonly<Record<string, string>>): string {
  for (const [app, text] of Object.entries(apps)) {
    mkdirSync(join(folder, name, app), { recursive: true });
    writeFileSync(join(folder, name, app, 'app.yaml'), text);
  }
  return join(folder, name);
}

let outs = 0;
/** A folder that is not there yet. */
const nowhere = (): string => join(folder, `out-${++outs}`);
const nowhereMade = (): string => {
  const path = nowhere();
  mkdirSync(path);
  return path;
};
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

describe('youzan-kube synth of several apps', () => {
  it('takes files, and every app.yaml in a folder and below, each with its image', async () => {
    const out = nowhere();
    const apps = appFolder('shop', { cart: seed, 'team/pay': seed, 'node_modules/x': 'no: app' });
    const { code, stdout } = await synth(apps, out, appYaml, '--image', 'registry.example/{app}:2.0.0');
    expect([code, filesIn(out).filter((file) => file.startsWith('bc-a'))]).toEqual([
      0,
      ['bc-a/cart.yaml', 'bc-a/pay.yaml', 'bc-a/trade-core.yaml'],
    ]);
    expect(stdout.trim().split('\n')).toHaveLength(9);
    expect(readFileSync(join(out, 'bd-a/pay.yaml'), 'utf8')).toContain('image: registry.example/pay:2.0.0');
  });

  it('says the findings of all of them at once, and writes nothing', async () => {
    const out = nowhere();
    const apps = appFolder('broken', {
      cart: 'stack: s\n',
      pay: 'runtime: rust-1\nstack: s\nentrypoint: x\n',
      ok: seed,
    });
    const { code, stderr } = await synth(apps, out, '--image', 'registry.example/{app}:2.0.0');
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(stderr.split('\n')[0]).toBe('error: 2 of 3 app.yaml files are not valid: 3 findings');
  });

  it.each<[string, (apps: string) => string[], string]>([
    ['one image for all', (apps) => [apps], "2 apps can't all have the image registry.example/trade-core:1.4.0"],
    ['a folder without any', () => [nowhereMade()], 'no app.yaml in'],
  ])('refuses %s', async (_, paths, message) => {
    const [path = ''] = paths(appFolder('two', { cart: seed, pay: seed }));
    const { code, stderr } = await synth(path, nowhere());
    expect([code, stderr.split('\n')[0]]).toEqual([2, expect.stringContaining(message)]);
  });

  it('leaves files that would stay as they are, and names those that belong to no app', async () => {
    const out = nowhere();
    const image = ['--image', 'registry.example/{app}:2.0.0'];
    await synth(appFolder('before', { cart: seed, pay: seed }), out, ...image);
    writeFileSync(join(out, 'bc-a/kustomization.yaml'), 'resources: [cart.yaml]\n');
    const { mtimeMs } = statSync(join(out, 'bc-b/pay.yaml'));
    const apps = appFolder('after', { pay: seed });
    const first = await synth(apps, out, ...image);
    expect(first.stdout.split('\n').slice(1, 4)).toEqual([
      `${out}/bc-b/pay.yaml: unchanged`,
      `${out}/bd-a/pay.yaml: unchanged`,
      `${out}/bc-a/cart.yaml: belongs to no app, --prune removes it`,
    ]);
    expect(statSync(join(out, 'bc-b/pay.yaml')).mtimeMs).toBe(mtimeMs);
    const pruned = await synth(apps, out, ...image, '--prune', '--json');
    expect(JSON.parse(pruned.stdout)).toMatchObject({
      files: [{ app: 'pay', cluster: 'bc-a', file: `${out}/bc-a/pay.yaml` }, {}, {}],
      stale: ['bc-a', 'bc-b', 'bd-a'].map((cluster) => `${out}/${cluster}/cart.yaml`),
      pruned: true,
    });
    expect(filesIn(out)).toEqual(['bc-a/kustomization.yaml', 'bc-a/pay.yaml', 'bc-b/pay.yaml', 'bd-a/pay.yaml']);
  });

  it('leaves other clusters alone when it is for some only', async () => {
    const out = nowhere();
    await synth(appYaml, out);
    const { stdout } = await synth(appFolder('some', { pay: seed }), out, '--cluster', 'bc-b', '--prune');
    expect(stdout).toContain(`${out}/bc-b/trade-core.yaml: belongs to no app, removed`);
    expect(filesIn(out)).toEqual(['bc-a/trade-core.yaml', 'bc-b/pay.yaml', 'bd-a/trade-core.yaml']);
  });

  // util-linux's script gives a process a terminal.
  it.skipIf(spawnSync('script', ['--version']).status !== 0)('shows on a terminal how far it is', () => {
    const apps = appFolder('many', Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`app-${at}`, seed])));
    const words = ['synth', apps, '--fleet', fleet, '--environment', 'prod', '--out', nowhere()];
    const command = `stty cols 100 rows 40; node dist/cli.js ${words.join(' ')} --image 'registry.example/{app}:1.0.0'`;
    const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/\b\d+ of 45\b/);
    expect(stdout).toContain('synthesize: 45');
  });
});

describe('youzan-kube synth --diff', () => {
  it('prints what would change in the folder, and exits with 1', async () => {
    const out = nowhere();
    await synth(appYaml, out);
    expect(await synth(appYaml, out, '--diff')).toMatchObject({ code: 0, stdout: '' });
    const before = readFileSync(join(out, 'bc-a/trade-core.yaml'), 'utf8');
    const { code, stdout } = await synth(appYaml, out, '--diff', '--cluster', 'bc-a', '--namespace', 'trade');
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      `--- a/${out}/bc-a/trade-core.yaml`,
      `+++ b/${out}/bc-a/trade-core.yaml`,
    ]);
    expect(stdout).toContain('\n-  namespace: default\n+  namespace: trade\n');
    expect(readFileSync(join(out, 'bc-a/trade-core.yaml'), 'utf8')).toBe(before);
  });

  it('tells files that are new from those that would go', async () => {
    const out = nowhere();
    await synth(appYaml, out, '--cluster', 'bc-a');
    const { stdout } = await synth(appFolder('other', { pay: seed }), out, '--diff', '--cluster', 'bc-a', '--json');
    const { different } = JSON.parse(stdout) as { different: { file: string; diff: string }[] };
    expect(different.map(({ file, diff }) => [file, ...diff.split('\n').slice(0, 2)])).toEqual([
      [`${out}/bc-a/pay.yaml`, '--- /dev/null', `+++ b/${out}/bc-a/pay.yaml`],
      [`${out}/bc-a/trade-core.yaml`, `--- a/${out}/bc-a/trade-core.yaml`, '+++ /dev/null'],
    ]);
  });
});

describe('youzan-kube synth --diff-cluster', () => {
  it('prints what an apply would change, by a dry run of the cluster', async () => {
    const cluster = await startEmbeddedCluster({ name: 'bc-a' });
    try {
      const kubeconfig = write('bc-a.kubeconfig', cluster.kubeconfig);
      const one = write(
        'one.yaml',
        `idcs: { bc: { clusters: { bc-a: { version: '1.34', kubeconfig: '${kubeconfig}' } } } }\n`,
      );
      const diff = (...more: string[]) => synth(appYaml, nowhere(), '--fleet', one, '--diff-cluster', ...more);
      const empty = await diff();
      expect([empty.code, empty.stderr]).toEqual([1, '']);
      expect(empty.stdout.split('\n')).toContain('bc-a: apps/v1 Deployment trade-core: create');
      const client = createKubeClient({
        name: 'bc-a',
        credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file: kubeconfig }),
      });
      // Objects of other kinds stay new.
      for (const object of bundle('bc-a', 'bc').objects) {
        const type = Object.values(resources).find(({ kind }) => kind === object.kind);
        if (type !== undefined) await client.apply(type, object, { fieldManager: fieldManagers.release });
      }
      await client.close();
      const newer = await diff('--app-version', '1.5.0');
      expect(newer.stdout).not.toContain('v1 Service');
      expect(newer.stdout).toMatch(/^bc-a: apps\/v1 Deployment trade-core: change\n {2}\.metadata\.labels/m);
    } finally {
      await cluster.stop();
    }
  });
});

describe('youzan-kube synth --validate', () => {
  it('prints every finding and exits with 1, and writes nothing', async () => {
    const out = nowhere();
    const good = await synth(appYaml, out, '--validate');
    expect([good.code, good.stdout, existsSync(out)]).toEqual([
      0,
      expect.stringMatching(/^0 errors, 0 warnings; \d+ objects are valid\n$/),
      false,
    ]);
    const bad = await synth(appYaml, out, '--validate', '--image', 'trade-core', '--app-version', '1.0.0');
    expect([bad.code, bad.stdout.split('\n')[0]]).toEqual([
      1,
      'error    bc-a/trade-core.image: "trade-core" has no tag and no digest (also in bc-b, bd-a)',
    ]);
    const json = await synth(appYaml, out, '--validate', '--image', 'trade-core', '--app-version', '1.0.0', '--json');
    expect(JSON.parse(json.stdout)).toEqual({
      ok: false,
      errors: [
        { path: 'bc-a/trade-core.image', message: '"trade-core" has no tag and no digest (also in bc-b, bd-a)' },
      ],
      warnings: [],
    });
  });
});

it('youzan-kube synth --validate says warnings and exits with 0', async () => {
  const apps = appFolder('ported', { 'trade-core': `${seed}\nports: { http: 8080 }\n` });
  const { code, stdout } = await synth(apps, nowhere(), '--validate', '--cluster', 'bc-b');
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^warning {2}bc-b\/trade-core .* \(.*app\.yaml:\d+:16\): .*port-convention/m),
  ]);
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
      'bc-a/trade-core.env: "production" is no environment; known are daily, qa, perf, pre, prod (also in bc-b, bd-a)',
      'bc-a/trade-core.version: "" is no label value: letters, digits, "-", "_", ".", at most 63 (also in bc-b, bd-a)',
      'bc-a/trade-core.image: "trade-core" has no tag and no digest (also in bc-b, bd-a)',
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
