import { Command } from 'commander';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { YouzanKubeError } from '../conventions/index.js';
import { clustersOf, connectFleet, type Fleet } from '../fleet/index.js';
import { type FormerObjects, formerFromCluster, formerFromFiles } from './adopt/former-objects.js';
import { fieldLines, programOf, takeoverOf } from './adopt/report.js';
import { fieldManagers } from '../release/index.js';
import { readFleet } from './fleet-file.js';
import { exitCodes, runCommand } from './run-command.js';

interface AdoptOptions {
  readonly fleet: string;
  readonly cluster: string;
  readonly environment: string;
  readonly namespace: string;
  readonly fromFile?: readonly string[];
  readonly service?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly container?: string;
  readonly entrypoint?: string;
  readonly appVersion?: string;
  readonly out: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `youzan-kube adopt`: a Deployment and its Service to the app that takes them over. Writes to no cluster. */
export function adoptCommand(): Command {
  return new Command('adopt')
    .description('an existing Deployment and its Service -> app.yaml and props that take them over')
    .argument('[deployment]', 'its name; with --from-file only where there are several')
    .requiredOption('--fleet <file>', 'fleet.yaml')
    .requiredOption('--cluster <name>', 'where it runs')
    .requiredOption('--environment <name>', 'daily, qa, perf, pre or prod')
    .option('--namespace <name>', 'where it is read from in the cluster', 'default')
    .option('--from-file <files...>', 'read manifests from files, and nothing from the cluster')
    .option('--service <name>', 'the Service before it (default: the only one that selects its pods)')
    .option('--name <app>', "the app's name (default: by its labels)")
    .option('--kind <kind>', "the app's kind (default: by its program)")
    .option('--container <name>', "the app's own container (default: by its name, else the first)")
    .option('--entrypoint <words>', 'what it starts, where its image says that')
    .option('--app-version <version>', "what is released (default: the image's tag)")
    .option('--out <folder>', 'where app.yaml, main.ts and takeover.sh go', 'apps')
    .option('--dry-run', 'print them, write nothing')
    .option('--json', 'print one JSON object')
    .action((name: string | undefined, options: AdoptOptions) => runCommand((signal) => adopt(name, options, signal)));
}

async function adopt(name: string | undefined, options: AdoptOptions, signal: AbortSignal): Promise<number> {
  const fleet = readFleet(options.fleet);
  const [cluster] = clustersOf(fleet, [options.cluster]);
  if (cluster === undefined) throw new TypeError(`no cluster ${options.cluster}`);
  const former = await formerObjects(name, options, fleet, signal);
  const { deployment, service } = former;
  const { adoptWorkload, takeoverPatch } = await import('youzan-kube/constructs');
  const { name: app, kind, container, entrypoint, appVersion: version } = options;
  const adoption = adoptWorkload(deployment, service, {
    cluster: cluster.name,
    idc: cluster.idc,
    kubernetesVersion: cluster.version,
    env: options.environment,
    ...(app !== undefined && { name: app }),
    ...(kind !== undefined && { kind }),
    ...(container !== undefined && { container }),
    ...(entrypoint !== undefined && { entrypoint: entrypoint.split(/\s+/) }),
    ...(version !== undefined && { version }),
  });
  const { appYaml, props, fields } = adoption;
  const folder = join(options.out, props.spec.name);
  const takeover = takeoverOf(former, (object) => takeoverPatch(object, fieldManagers.release));
  const files = {
    [join(folder, 'app.yaml')]: appYaml,
    [join(folder, 'main.ts')]: programOf(adoption),
    ...(takeover !== undefined && { [join(folder, 'takeover.sh')]: takeover }),
  };
  if (options.dryRun !== true) writeFiles(folder, files);
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ app: props.spec.name, dryRun: options.dryRun === true, files, fields })}\n`,
    );
    return exitCodes.ok;
  }
  for (const [file, text] of Object.entries(files))
    process.stdout.write(options.dryRun === true ? `# ${file}\n${text}\n` : `${file}\n`);
  process.stdout.write(`${fieldLines(fields).join('\n')}\n`);
  return exitCodes.ok;
}

async function formerObjects(
  name: string | undefined,
  options: AdoptOptions,
  fleet: Fleet,
  signal: AbortSignal,
): Promise<FormerObjects> {
  const { fromFile, cluster, namespace, service } = options;
  if (fromFile !== undefined) return formerFromFiles(fromFile, { name, service });
  if (name === undefined)
    throw new YouzanKubeError('CLI_USAGE', 'which Deployment?', {
      hint: 'name it, or give manifests with --from-file',
    });
  const connections = connectFleet(fleet, { only: [cluster] });
  try {
    return await formerFromCluster(connections.client(cluster), namespace, { name, service }, signal);
  } finally {
    await connections.close();
  }
}

/** An app that is there is never written over. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new YouzanKubeError('CLI_UNWRITABLE_FOLDER', `can't write to ${folder}: ${reason}`, {
      path: folder,
      hint: 'nothing is written over; name another folder with --out, or only look with --dry-run',
      cause: error,
    });
  }
}
