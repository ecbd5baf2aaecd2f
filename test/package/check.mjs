// What a user gets: packs the package, lints the tarball, installs it into empty projects with and without the peer
// dependencies, imports each entry and type-checks a small program against it. Needs the registry.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'youzan-kube-package-'));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let failed = 0;
let passed = 0;

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 240_000 });
}

function check(name, action) {
  try {
    const said = action();
    passed += 1;
    console.log(`ok   ${name}${typeof said === 'string' ? ` (${said})` : ''}`);
  } catch (error) {
    failed += 1;
    console.log(
      `FAIL ${name}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.stdout === undefined ? error.message : ''}`,
    );
  }
}

function project(name, packages) {
  const path = join(folder, name);
  run('mkdir', ['-p', path]);
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=peer', ...packages], path);
  return path;
}

const importing = (entry) => [
  '--input-type=module',
  '-e',
  `const m = await import('${entry}'); if (Object.keys(m).length === 0) throw new Error('nothing exported')`,
];

try {
  const [{ filename, size }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  );
  const tarball = join(folder, filename);
  check('the tarball is packed', () => `${Math.round(statSync(tarball).size / 1024)} KB, npm says ${size} bytes`);
  check('the constructs load no parser of files', () => {
    const loaded = readFileSync(join(root, 'dist/constructs.js'), 'utf8').matchAll(
      /^(?:import|\} from).*"(yaml|valibot)";$/gm,
    );
    const parsers = [...loaded].map(([, name]) => name);
    if (parsers.length > 0)
      throw new Error(`they load ${parsers.join(', ')}, which takes longer than all else of them`);
  });
  check('publint', () => run('npx', ['--no-install', 'publint', '--strict', tarball], root) && undefined);
  check(
    'are the types wrong',
    () => run('npx', ['--no-install', 'attw', tarball, '--profile', 'esm-only'], root) && undefined,
  );

  const bare = project('bare', [
    tarball,
    `typescript@${devDependencies.typescript}`,
    `@types/node@${devDependencies['@types/node']}`,
  ]);
  for (const entry of ['youzan-kube', 'youzan-kube/testing']) {
    check(`${entry} imports without the peer dependencies`, () => run('node', importing(entry), bare) && undefined);
  }
  check('the constructs without their peers name what is missing', () => {
    try {
      run('node', importing('youzan-kube/constructs'), bare);
    } catch (error) {
      if (/Cannot find package '(cdk8s|constructs|cdk8s-plus-28)'/.test(error.stderr)) return undefined;
      throw error;
    }
    throw new Error('they imported');
  });
  check('the bin runs', () => run('npx', ['--no-install', 'youzan-kube', '--version'], bare).trim());

  const full = project('full', [
    tarball,
    `typescript@${devDependencies.typescript}`,
    `@types/node@${devDependencies['@types/node']}`,
    'cdk8s',
    'cdk8s-plus-28',
    'constructs',
  ]);
  for (const entry of ['youzan-kube', 'youzan-kube/constructs', 'youzan-kube/testing']) {
    check(`${entry} imports with the peer dependencies`, () => run('node', importing(entry), full) && undefined);
  }
  check('a small program type-checks', () => {
    writeFileSync(join(full, 'program.ts'), readFileSync(join(root, 'test/package/program.ts'), 'utf8'));
    run(
      'npx',
      [
        '--no-install',
        'tsc',
        '--noEmit',
        '--strict',
        '--target',
        'ES2023',
        '--module',
        'NodeNext',
        '--moduleResolution',
        'NodeNext',
        '--types',
        'node',
        '--skipLibCheck',
        'program.ts',
      ],
      full,
    );
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`package: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
