// Import time of each built entry beside bare Node, in alternating rounds of whole processes, and the packed size.
// Ratios and differences within one run: absolute times say little on a shared machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
if (!existsSync(`${root}dist/index.js`)) {
  console.error('dist/ is missing: run "npm run build" first');
  process.exit(2);
}
const rounds = 15;
const budgetMs = 150;
const programs = {
  'bare node': '0',
  'youzan-kube': `await import('${root}dist/index.js')`,
  'youzan-kube/testing': `await import('${root}dist/testing.js')`,
  'cdk8s + cdk8s-plus-28': `await import('cdk8s'); await import('cdk8s-plus-28')`,
  'youzan-kube/constructs': `await import('${root}dist/constructs.js')`,
};
const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, program] of Object.entries(programs)) {
    const started = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    times[name].push(Number(process.hrtime.bigint() - started) / 1e6);
  }
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const floor = median(times['bare node']);
console.log(`import times, medians of ${rounds} alternating rounds`);
for (const [name, values] of Object.entries(times)) {
  const own = median(values);
  const spread = `${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)}`;
  console.log(
    `  ${name.padEnd(24)} ${own.toFixed(0).padStart(5)} ms  (+${(own - floor).toFixed(0)} ms, spread ${spread})`,
  );
}
const extra = median(times['youzan-kube']) - floor;
console.log(`  youzan-kube beyond bare node: ${extra.toFixed(0)} ms of ${budgetMs} ms allowed`);
const constructs = (median(times['youzan-kube/constructs']) - floor) / (median(times['cdk8s + cdk8s-plus-28']) - floor);
console.log(
  `  youzan-kube/constructs to cdk8s and cdk8s-plus, beyond bare node: ${constructs.toFixed(2)} of 1.30 allowed`,
);

/** Packages that are loaded with an entry: those named by static imports of its chunks. */
function packagesLoadedWith(entry, seen = new Set(), packages = new Set()) {
  if (seen.has(entry)) return packages;
  seen.add(entry);
  for (const [, specifier] of readFileSync(`${root}dist/${entry}`, 'utf8').matchAll(
    /^(?:import|export)\b[^'";]*?(?:from\s*)?["']([^"']+)["'];?$/gm,
  )) {
    if (specifier.startsWith('./')) packagesLoadedWith(specifier.slice(2), seen, packages);
    else if (!specifier.startsWith('node:')) packages.add(specifier);
  }
  return packages;
}
const packages = [...packagesLoadedWith('index.js')].sort();
console.log(`  packages loaded with youzan-kube: ${packages.join(', ') || 'none'}`);
const forbidden = packages.filter((name) => /^(cdk8s|constructs|@kubernetes)/.test(name));
if (forbidden.length > 0) throw new Error(`youzan-kube loads ${forbidden.join(', ')}, which must be lazy`);

const [pack] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
);
console.log(
  `packed ${(pack.size / 1024).toFixed(0)} KB, unpacked ${(pack.unpackedSize / 1024).toFixed(0)} KB, ${pack.files.length} files`,
);

await import('./synth.mjs');
await import('./entrypoint.mjs');
// Each in a process of its own: what one leaves behind costs the next nothing.
for (const bench of ['members', 'sync-start', 'sync-changes']) {
  const { status } = spawnSync(process.execPath, [`${root}test/bench/${bench}.mjs`], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
