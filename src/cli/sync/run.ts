import { Registry } from 'prom-client';
import { YouzanKubeError } from '../../conventions/index.js';
import { createSyncExporter, serveMetrics } from '../../exporters/index.js';
import { clustersOf, connectFleet, gatewaysOf } from '../../fleet/index.js';
import { createGateway } from '../../gateways/index.js';
import {
  createInitialLists,
  createK8sSync,
  type K8sSync,
  serveSyncControl,
  type SyncControlServer,
} from '../../k8s-sync/index.js';
import { readFleet } from '../fleet-file.js';
import { describeError, exitCodes } from '../run-command.js';
import { syncLogger } from '../sync-logger.js';
import { defaultControlPath } from './control-path.js';
import { openJournal } from './journal-file.js';

export interface SyncOptions {
  readonly fleet: string;
  readonly environment: string;
  readonly cluster?: readonly string[];
  readonly inCluster?: true;
  readonly namespace?: string;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly journal?: string;
  readonly control?: string;
  readonly dryRun?: true;
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

/** One syncer per cluster, until it is told to stop. */
export async function runSync(options: SyncOptions, signal: AbortSignal): Promise<number> {
  const fleet = readFleet(options.fleet);
  const clusters = clustersOf(fleet, options.cluster);
  const instances = gatewaysOf(fleet, options.environment);
  const connections = connectFleet(fleet, { only: clusters.map(({ name }) => name), ...ownCluster(options) });
  const registry = new Registry();
  const ends: (() => Promise<unknown>)[] = [() => connections.close()];
  try {
    const syncs: K8sSync[] = [];
    const initialLists = createInitialLists();
    for (const { name, idc } of clusters) {
      const gateways = instances.map((instance) => createGateway(instance));
      ends.push(() => Promise.all(gateways.map((gateway) => gateway.close())));
      syncs.push(
        createK8sSync({
          cluster: connections.client(name),
          idc,
          gateways,
          lease: options.lease,
          initialLists,
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
    const control = await serveControl(syncs, options.control);
    // Each starts on its own: a cluster that can't be reached never holds up another.
    for (const one of syncs) {
      ends.push(() => one.stop());
      one.start().catch((error: unknown) => say(`${describeError(error)}\n`));
    }
    say(
      `${clusters.map(({ name }) => name).join(', ')} -> ${instances.map(({ name }) => name).join(', ')}; metrics at ${metrics.url}/metrics\n`,
    );
    if (control !== undefined) {
      ends.push(() => control.stop());
      say(`commands at ${control.address}\n`);
    }
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    return exitCodes.ok;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** A place that was asked for is served, or nothing starts; that nobody can be heard at the usual one stops no syncer. */
async function serveControl(
  syncs: readonly K8sSync[],
  path: string | undefined,
): Promise<SyncControlServer | undefined> {
  try {
    return await serveSyncControl({ syncs, socketPath: path ?? defaultControlPath() });
  } catch (error) {
    if (path !== undefined) throw error;
    say(`no commands are taken: ${describeError(error)}\n`);
    return undefined;
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
