import { Command } from 'commander';
import { rmSync } from 'node:fs';
import type { Bundle, FleetApp } from 'youzan-kube/constructs';
import type { AppSpec } from '../app-yaml/index.js';
import { type Finding, isYouzanKubeError, YouzanKubeError } from '../conventions/index.js';
import { clustersOf, type Fleet } from '../fleet/index.js';
import { readFleet } from './fleet-file.js';
import { exitCodes, runCommand } from './run-command.js';
import { appFiles, readSpecs } from './synth/app-files.js';
import { clusterDifferences } from './synth/cluster-diff.js';
import { fileDiff } from './synth/folder-diff.js';
import { fileOf, ManifestWriter, staleFiles, textOf } from './synth/manifest-folder.js';
import { withProgress } from './synth/progress.js';

interface SynthOptions {
  readonly fleet: string;
  readonly environment: string;
  readonly image: string;
  readonly appVersion?: string;
  readonly namespace: string;
  readonly out: string;
  readonly cluster?: readonly string[];
  readonly dryRun?: true;
  readonly validate?: true;
  readonly diff?: true;
  readonly diffCluster?: true;
  readonly prune?: true;
  readonly json?: true;
}

/** `youzan-kube synth`: app.yaml files to one manifest file per cluster and app. */
export function synthCommand(): Command {
  return new Command('synth')
    .description('app.yaml -> manifests, one file per cluster and app')
    .argument('<app.yaml...>', 'files, or folders: every app.yaml in them and below')
    .requiredOption('--fleet <file>', 'fleet.yaml')
    .requiredOption('--environment <name>', 'daily, qa, perf, pre or prod')
    .requiredOption('--image <reference>', "image with tag or digest; {app} in it is the app's name")
    .option('--app-version <version>', "what is released (default: the image's tag)")
    .option('--namespace <name>', 'namespace of the objects', 'default')
    .option('--cluster <names...>', 'these clusters only')
    .option('--out <folder>', 'where the files go', 'manifests')
    .option('--prune', 'remove the manifests in that folder that belong to no app')
    .option('--dry-run', 'print the manifests, write nothing')
    .option('--validate', 'print what breaks a rule, write nothing; exits with 1 where it is an error')
    .option('--diff', 'print what would change in the folder, write nothing; exits with 1 where something would')
    .option('--diff-cluster', 'print what an apply would change in the clusters, by a dry run; exits with 1 likewise')
    .option('--json', 'print one JSON object')
    .action((paths: string[], options: SynthOptions) => runCommand((signal) => synth(paths, options, signal)));
}

/** What is to be synthesized, and the way to take it. */
interface Synthesis {
  readonly options: SynthOptions;
  readonly fleet: Fleet;
  readonly total: number;
  readonly bundles: AsyncIterable<Bundle>;
  readonly signal: AbortSignal;
}

async function synth(paths: readonly string[], options: SynthOptions, signal: AbortSignal): Promise<number> {
  const specs = readSpecs(appFiles(paths));
  const fleet = readFleet(options.fleet);
  const clusters = clustersOf(fleet, options.cluster);
  const apps = appsOf(specs, options);
  const { synthFleet } = await import('youzan-kube/constructs');
  const bundles = synthFleet({ fleet: { clusters }, apps });
  const synthesis: Synthesis = { options, fleet, total: specs.length * clusters.length, bundles, signal };
  if (options.validate === true) return validate(synthesis);
  if (options.diffCluster === true) return diffCluster(synthesis);
  if (options.diff === true) return diffFolder(synthesis);
  if (options.dryRun === true) return print(synthesis);
  return write(synthesis);
}

function appsOf(specs: readonly AppSpec[], options: SynthOptions): readonly FleetApp[] {
  const { image, appVersion, environment: env, namespace } = options;
  if (specs.length > 1 && !image.includes('{app}'))
    throw new YouzanKubeError('CLI_USAGE', `${specs.length} apps can't all have the image ${image}`, {
      hint: 'write {app} where the name of the app stands: --image registry.example/{app}:1.4.0',
    });
  return specs.map((spec) => {
    const own = image.replaceAll('{app}', spec.name);
    return { spec, image: own, version: appVersion ?? tagOf(own), env, namespace };
  });
}

/** `1.4.0` of `registry.example:5000/trade-core:1.4.0`; a digest says no version. */
const tagOf = (image: string): string => /:([^:/@]+)$/.exec(image)?.[1] ?? '';

const say = (text: string): void => void process.stdout.write(text);
const sayJson = (value: unknown): void => say(`${JSON.stringify(value)}\n`);
const listed = ({ objects }: Bundle): string =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ');

/** A bundle as `--json` tells it. */
const told = (out: string, bundle: Bundle) => ({
  app: bundle.app,
  cluster: bundle.cluster,
  file: fileOf(out, bundle),
  objects: bundle.objects,
});

async function print({ options: { out, json }, bundles }: Synthesis): Promise<number> {
  const all: Bundle[] = [];
  for await (const bundle of bundles) all.push(bundle);
  if (json === true) sayJson({ dryRun: true, files: all.map((bundle) => told(out, bundle)) });
  else say(all.map(({ yaml }) => yaml).join('---\n'));
  return exitCodes.ok;
}

async function write({ options, total, bundles, signal }: Synthesis): Promise<number> {
  const { out, cluster, prune } = options;
  const json = options.json === true;
  const writer = new ManifestWriter(out);
  const take = async (items: AsyncIterable<Bundle>): Promise<Written> => {
    const written: Written = { files: new Set(), lines: [], told: [] };
    for await (const bundle of items) {
      const file = fileOf(out, bundle);
      written.files.add(file);
      const isNew = writer.add(file, bundle.yaml);
      if (json) written.told.push(told(out, bundle));
      else written.lines.push(`${file}: ${isNew ? listed(bundle) : 'unchanged'}`);
    }
    return written;
  };
  try {
    const { files, lines, told } = await withProgress(
      { title: 'synthesize', total, silent: json, signal },
      bundles,
      take,
    );
    writer.commit();
    const stale = staleFiles(out, files, cluster);
    if (prune === true) for (const file of stale) rmSync(file);
    const fate = prune === true ? 'removed' : '--prune removes it';
    if (json) sayJson({ dryRun: false, files: told, stale, pruned: prune === true });
    else
      say(
        [...lines, ...stale.map((file) => `${file}: belongs to no app, ${fate}`)].map((line) => `${line}\n`).join(''),
      );
    return exitCodes.ok;
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** What was written, as it is printed. */
interface Written {
  readonly files: Set<string>;
  readonly lines: string[];
  readonly told: ReturnType<typeof told>[];
}

async function diffFolder({ options: { out, cluster, json }, bundles }: Synthesis): Promise<number> {
  const files = new Set<string>();
  const changes: { readonly file: string; readonly diff: string }[] = [];
  for await (const bundle of bundles) {
    const file = fileOf(out, bundle);
    files.add(file);
    changes.push({ file, diff: fileDiff(file, textOf(file), bundle.yaml) });
  }
  for (const file of staleFiles(out, files, cluster))
    changes.push({ file, diff: fileDiff(file, textOf(file), undefined) });
  const different = changes.filter(({ diff }) => diff !== '');
  if (json === true) sayJson({ different });
  else for (const { diff } of different) say(diff);
  return different.length === 0 ? exitCodes.ok : exitCodes.failed;
}

async function diffCluster({ options: { json }, fleet, bundles, signal }: Synthesis): Promise<number> {
  const different = await clusterDifferences({ fleet, bundles, signal });
  if (json === true) sayJson({ different });
  for (const { cluster, object, change, details } of json === true ? [] : different)
    say(`${cluster}: ${object}: ${change}\n${details.map((detail) => `  ${detail}\n`).join('')}`);
  return different.length === 0 ? exitCodes.ok : exitCodes.failed;
}

async function validate({ options, total, bundles, signal }: Synthesis): Promise<number> {
  const json = options.json === true;
  const take = async (items: AsyncIterable<Bundle>): Promise<Validated> => {
    const validated: Validated = { checked: 0, warnings: [], errors: [] };
    try {
      for await (const { cluster, objects, warnings } of items) {
        validated.checked += objects.length;
        for (const { path, message, rule } of warnings) validated.warnings.push({ cluster, path, message, rule });
      }
    } catch (error) {
      if (!isYouzanKubeError(error) || error.findings.length === 0) throw error;
      validated.errors.push(...error.findings.map(({ path, message }) => ({ path, message })));
    }
    return validated;
  };
  const progress = { title: 'validate', total, silent: json, signal };
  const { checked, warnings, errors } = await withProgress(progress, bundles, take);
  if (json) sayJson({ ok: errors.length === 0, errors, warnings });
  else {
    for (const { path, message } of errors) say(`error    ${path}: ${message}\n`);
    for (const { path, message } of warnings) say(`warning  ${path}: ${message}\n`);
    say(`${errors.length} errors, ${warnings.length} warnings; ${checked} objects are valid\n`);
  }
  return errors.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** What breaks a rule, and how many objects none. */
interface Validated {
  checked: number;
  readonly errors: Finding[];
  readonly warnings: (Finding & { readonly cluster: string; readonly rule: string })[];
}
