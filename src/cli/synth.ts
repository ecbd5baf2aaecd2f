import { Command } from 'commander';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bundle } from 'youzan-kube/constructs';
import { parseAppYaml } from '../app-yaml/index.js';
import { YouzanKubeError } from '../conventions/index.js';
import { clustersOf } from '../fleet/index.js';
import { readFleet, readInput } from './fleet-file.js';
import { exitCodes, runCommand } from './run-command.js';

interface SynthOptions {
  readonly fleet: string;
  readonly environment: string;
  readonly image: string;
  readonly appVersion?: string;
  readonly namespace: string;
  readonly out: string;
  readonly cluster?: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

/** `youzan-kube synth`: app.yaml to one manifest file per cluster. */
export function synthCommand(): Command {
  return new Command('synth')
    .description('app.yaml -> manifests, one file per cluster and app')
    .argument('<app.yaml>')
    .requiredOption('--fleet <file>', 'fleet.yaml')
    .requiredOption('--environment <name>', 'daily, qa, perf, pre or prod')
    .requiredOption('--image <reference>', 'image with tag or digest')
    .option('--app-version <version>', "what is released (default: the image's tag)")
    .option('--namespace <name>', 'namespace of the objects', 'default')
    .option('--cluster <names...>', 'these clusters only')
    .option('--out <folder>', 'where the files go', 'manifests')
    .option('--dry-run', 'print the manifests, write nothing')
    .option('--json', 'print one JSON object: the files and their objects')
    .action((file: string, options: SynthOptions) => runCommand(() => synth(file, options)));
}

async function synth(file: string, options: SynthOptions): Promise<number> {
  const spec = parseAppYaml(readInput(file), { file });
  const clusters = clustersOf(readFleet(options.fleet), options.cluster);
  const { synthApp } = await import('youzan-kube/constructs');
  const bundles = clusters.map((cluster) =>
    synthApp({
      spec,
      image: options.image,
      version: options.appVersion ?? tagOf(options.image),
      cluster: cluster.name,
      idc: cluster.idc,
      env: options.environment,
      namespace: options.namespace,
    }),
  );
  // Everything is synthesized before the first file is written.
  if (options.dryRun !== true) writeBundles(options.out, bundles);
  if (options.json === true) {
    const files = bundles.map((bundle) => ({
      cluster: bundle.cluster,
      file: fileOf(options.out, bundle),
      objects: bundle.objects,
    }));
    process.stdout.write(`${JSON.stringify({ app: spec.name, dryRun: options.dryRun === true, files })}\n`);
  } else if (options.dryRun === true) {
    process.stdout.write(bundles.map(({ yaml }) => yaml).join('---\n'));
  } else {
    for (const bundle of bundles)
      console.log(
        `${fileOf(options.out, bundle)}: ${bundle.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')}`,
      );
  }
  return exitCodes.ok;
}

const fileOf = (out: string, bundle: Bundle): string => join(out, bundle.cluster, bundle.fileName);

/** All are written beside their places and then renamed: a reader never sees half a file, nor half of them. */
function writeBundles(out: string, bundles: readonly Bundle[]): void {
  const made: string[] = [];
  const files = bundles.map((bundle) => ({ file: fileOf(out, bundle), yaml: bundle.yaml }));
  try {
    for (const { file, yaml } of files) {
      const folder = mkdirSync(dirname(file), { recursive: true });
      if (folder !== undefined) made.push(folder);
      made.push(`${file}.partial`);
      writeFileSync(`${file}.partial`, yaml);
    }
    for (const { file } of files) renameSync(`${file}.partial`, file);
  } catch (error) {
    for (const path of made) rmSync(path, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new YouzanKubeError('CLI_UNWRITABLE_FOLDER', `can't write to ${out}: ${reason}`, {
      path: out,
      hint: 'nothing was written; name another folder with --out',
      cause: error,
    });
  }
}

/** `1.4.0` of `registry.example:5000/trade-core:1.4.0`; a digest says no version. */
const tagOf = (image: string): string => /:([^:/@]+)$/.exec(image)?.[1] ?? '';
