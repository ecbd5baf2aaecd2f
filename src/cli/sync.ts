import { Command, InvalidArgumentError } from 'commander';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { isDnsLabel, YouzanKubeError } from '../conventions/index.js';
import { createSyncExporter, serveMetrics } from '../exporters/index.js';
import { clustersOf, connectFleet, gatewaysOf } from '../fleet/index.js';
import { createYz7Gateway } from '../gateways/index.js';
import { createK8sSync, type K8sSync } from '../k8s-sync/index.js';
import { readFleet } from './fleet-file.js';
import { describeError, exitCodes, runCommand } from './run-command.js';
import { syncLogger } from './sync-logger.js';

interface SyncOptions {
  readonly fleet: string;
  readonly environment: string;
  readonly cluster?: readonly string[];
  readonly inCluster?: true;
  readonly namespace?: string;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly journal?: string;
  readonly dryRun?: true;
}

/** `youzan-kube sync`: one syncer per cluster, until it is told to stop. */
export function syncCommand(): Command {
  return new Command('sync')
    .description("carry the clusters' pod addresses to the gateways, until TERM or Ctrl-C")
    .requiredOption('--fleet <file>', 'fleet.yaml')
    .requiredOption('--environment <name>', 'whose gateways: daily, qa, perf, pre or prod')
    .option('--cluster <names...>', 'these clusters only')
    .option('--in-cluster', "use the pod's service account in the one cluster that --cluster names")
    .option('--namespace <name>', 'this namespace only')
    .option('--lease <namespace/name>', 'the Lease that one syncer a cluster holds', parseLease, defaultLease)
    .option('--metrics-host <address>', 'where /metrics, /healthz and /readyz listen', '127.0.0.1')
    .option('--metrics-port <port>', 'their port', parsePort, 9464)
    .option('--journal <folder>', "write each cluster's journal there, as NDJSON")
    .option('--dry-run', 'print what would be written, as JSON, and write nothing')
    .action((options: SyncOptions) => runCommand((signal) => sync(options, signal)));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError(`"${text}" is no port: 0 to 65535`);
  return port;
}

const defaultLease = { namespace: 'default', name: 'k8s-sync' };

function parseLease(text: string): SyncOptions['lease'] {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (!isDnsLabel(namespace) || !isDnsLabel(name) || more.length > 0)
    throw new InvalidArgumentError(`"${text}" is no Lease: namespace/name`);
  return { namespace, name };
}

/** The one cluster whose pod this is, if it is one. */
function ownCluster({ inCluster, cluster = [] }: SyncOptions): { readonly inCluster?: string } {
  if (inCluster !== true) return {};
  const [name] = cluster;
  if (name !== undefined && cluster.length === 1) return { inCluster: name };
  throw new YouzanKubeError('CLI_USAGE', 'a pod is in one cluster: --in-cluster needs --cluster with one name', {
    hint: 'a deployment of the syncer in each cluster names its own',
  });
}

async function sync(options: SyncOptions, signal: AbortSignal): Promise<number> {
  const fleet = readFleet(options.fleet);
  const clusters = clustersOf(fleet, options.cluster);
  const instances = gatewaysOf(fleet, options.environment);
  const connections = connectFleet(fleet, { only: clusters.map(({ name }) => name), ...ownCluster(options) });
  const registry = new Registry();
  const ends: (() => Promise<unknown>)[] = [() => connections.close()];
  try {
    const syncs: K8sSync[] = [];
    for (const { name, idc } of clusters) {
      const gateways = instances.map((instance) => createYz7Gateway(instance));
      ends.push(() => Promise.all(gateways.map((gateway) => gateway.close())));
      syncs.push(
        createK8sSync({
          cluster: connections.client(name),
          idc,
          gateways,
          lease: options.lease,
          logger: syncLogger(name, say),
          ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
          ...(options.journal === undefined ? {} : { journal: openJournal(options.journal, name) }),
        }),
      );
    }
    if (options.dryRun === true) return await printPlans(syncs);
    await createSyncExporter({ registry, syncs });
    const metrics = await serveMetrics({
      registry,
      host: options.metricsHost,
      port: options.metricsPort,
      // One that stands by sees no heartbeat of its own: it is as ready as it gets.
      ready: () => syncs.some((one) => one.state() === 'live' || !one.metrics().leader),
    });
    ends.push(() => metrics.stop());
    // Each starts on its own: a cluster that can't be reached never holds up another.
    for (const one of syncs) {
      ends.push(() => one.stop());
      one.start().catch((error: unknown) => say(`${describeError(error)}\n`));
    }
    say(
      `${clusters.map(({ name }) => name).join(', ')} -> ${instances.map(({ name }) => name).join(', ')}; metrics at ${metrics.url}/metrics\n`,
    );
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    return exitCodes.ok;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const say = (text: string): void => void process.stderr.write(text);

async function printPlans(syncs: readonly K8sSync[]): Promise<number> {
  let code: number = exitCodes.ok;
  for (const one of syncs) {
    try {
      process.stdout.write(`${JSON.stringify(await one.plan())}\n`);
    } catch (error) {
      say(`${describeError(error)}\n`);
      code = exitCodes.failed;
    }
  }
  return code;
}

function openJournal(folder: string, cluster: string) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${cluster}.ndjson`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  stream.on('error', (error) => {
    process.stderr.write(
      `${describeError(new YouzanKubeError('CLI_JOURNAL', `can't write the journal ${file}: ${error.message}`, { path: file }))}\n`,
    );
  });
  return (line: string): void => void stream.write(line);
}
