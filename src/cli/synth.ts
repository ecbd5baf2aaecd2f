import { Command } from 'commander';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from 'youzan-kube/constructs';
import { parseAppYaml } from '../app-yaml/index.js';
import { clustersOf } from '../fleet/index.js';
import { readFleet, readInput } from './fleet-file.js';
import { exitCodes, runCommand } from './run-command.js';

interface SynthOptions {
  readonly fleet: string;
  readonly environment: string;
  readonly image: string;
  readonly appVersion: string;
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
    .requiredOption('--app-version <version>', 'what is released')
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
      version: options.appVersion,
      cluster: cluster.name,
      idc: cluster.idc,
      env: options.environment,
      namespace: options.namespace,
    }),
  );
  // Everything is synthesized before the first file is written.
  if (options.dryRun !== true) for (const bundle of bundles) writeBundle(options.out, bundle);
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

/** Written beside and renamed: a reader never sees half a file. */
function writeBundle(out: string, bundle: Bundle): void {
  const file = fileOf(out, bundle);
  mkdirSync(join(out, bundle.cluster), { recursive: true });
  writeFileSync(`${file}.partial`, bundle.yaml);
  renameSync(`${file}.partial`, file);
}
