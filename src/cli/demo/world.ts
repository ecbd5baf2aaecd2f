import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { youzanConventions } from '../../conventions/index.js';
import { createSyncExporter, type MetricsServer, serveMetrics } from '../../exporters/index.js';
import { createYz7Gateway, type Gateway } from '../../gateways/index.js';
import { createK8sSync, type K8sSync } from '../../k8s-sync/index.js';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient } from '../../kube/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../testing/index.js';
import { packageRoot } from '../package-root.js';
import { Observer } from './observer.js';
import type { Platform, PlatformCluster, RunningPlatform } from './platform.js';
import type { Sabotage } from './sabotage.js';

export const idc = 'bc';
export const namespace = 'default';
const names = ['bc-a', 'bc-b'];
export const app = 'trade-core';
export const upstream = `${app}.http`;
/** The demo's own pace: a company's publish deadline is 10 s. */
export const publishDeadlineMs = 3000;

/** One cluster of the demo: a client for the release and the checks, and a syncer with a connection of its own. */
export interface DemoCluster {
  readonly name: string;
  readonly platform: PlatformCluster;
  readonly client: KubeClient;
  readonly sync: K8sSync;
}

/** Everything that the demo has running, and the way to take it down. */
export interface World {
  readonly folder: string;
  readonly traceFile: string;
  readonly platform: RunningPlatform;
  readonly clusters: readonly DemoCluster[];
  readonly embeddedGateway: EmbeddedYz7;
  readonly gateway: Gateway;
  readonly observer: Observer;
  readonly metrics: MetricsServer;
  readonly sabotage: Sabotage | undefined;
  readonly signal: AbortSignal;
  /** Ends everything, in the reverse order of its start; goes on when one part fails. */
  stop(): Promise<void>;
}

export function clusterOf(world: World, name: string): DemoCluster {
  const found = world.clusters.find((cluster) => cluster.name === name);
  if (found === undefined) throw new Error(`the demo has no cluster ${name}`);
  return found;
}

/** Starts two clusters, the embedded gateway, a syncer per cluster (not yet running) and the observer. */
export async function startWorld(options: {
  readonly platform: Platform;
  readonly sabotage: Sabotage | undefined;
  readonly signal: AbortSignal;
}): Promise<World> {
  const ends: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `taking the demo down: ${failures.map(String).join('; ')}`);
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), `youzan-kube-demo-${process.pid}-`));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const traceFile = join(folder, 'trace');
    appendFileSync(traceFile, '');

    const embeddedGateway = await startEmbeddedYz7({ name: 'bc-1', idc, storeDir: join(folder, 'yz7') });
    ends.push(() => embeddedGateway.stop());
    const connectGateway = (): Gateway => {
      const gateway = createYz7Gateway({
        name: 'bc-1',
        idc,
        url: embeddedGateway.adminUrl,
        token: embeddedGateway.token,
      });
      ends.push(() => gateway.close());
      return gateway;
    };
    const gateway = connectGateway();

    const clusters: DemoCluster[] = [];
    const platform = await options.platform.start({ idc, clusters: names, folder, traceFile, signal: options.signal });
    ends.push(() => platform.stop());
    for (const [name, cluster] of platform.clusters) {
      const connect = (): KubeClient => {
        const client = createKubeClient({
          name,
          credentials: credentialsFromKubeconfig({ cluster: name, text: cluster.kubeconfig }),
        });
        ends.push(() => client.close());
        return client;
      };
      const sync = createK8sSync({
        cluster: connect(),
        idc,
        namespace,
        gateways: [connectGateway()],
        rules: {
          drain: options.sabotage !== 'delete-without-drain',
          evidence: options.sabotage !== 'no-evidence-rule',
          claim: options.sabotage !== 'no-claim',
        },
      });
      ends.push(() => sync.stop());
      clusters.push({ name, platform: cluster, client: connect(), sync });
    }

    const registry = new Registry();
    await createSyncExporter({ registry, syncs: clusters.map(({ sync }) => sync) });
    const metrics = await serveMetrics({ registry, host: '127.0.0.1', port: 0 });
    ends.push(() => metrics.stop());

    const observer = new Observer(join(packageRoot(), 'examples/demo/observer.mjs'), {
      dataUrl: embeddedGateway.dataUrl,
      adminUrl: embeddedGateway.adminUrl,
      token: embeddedGateway.token,
      host: upstream,
      clusters: Object.fromEntries(clusters.map(({ name, platform: { kubeconfig } }) => [name, kubeconfig])),
      app,
      appLabel: youzanConventions.labels.app,
      longestRunMs: options.platform.deadlineMs + 30_000,
    });
    ends.push(() => observer.kill());

    return {
      folder,
      traceFile,
      platform,
      clusters,
      embeddedGateway,
      gateway,
      observer,
      metrics,
      sabotage: options.sabotage,
      signal: options.signal,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
