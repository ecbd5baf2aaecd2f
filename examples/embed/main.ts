import { Registry } from 'prom-client';
import {
  createK8sSync,
  createKubeClient,
  createSyncExporter,
  createYz7Gateway,
  credentialsFromKubeconfig,
  serveMetrics,
  type SyncLogger,
} from 'youzan-kube';

const { KUBECONFIG: file, YZ7_URL: url = '', YZ7_TOKEN: token = '', PORT = '0' } = process.env;
const log =
  (level: string) =>
  (fields: object, message: string): void =>
    console.log(JSON.stringify({ level, message, ...fields }));
// A pino logger fits as it is.
const logger: SyncLogger = { info: log('info'), warn: log('warn'), error: log('error') };

const cluster = createKubeClient({ name: 'bc-a', credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file }) });
const gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url, token });
const sync = createK8sSync({ cluster, idc: 'bc', gateways: [gateway], logger });

const registry = new Registry();
await createSyncExporter({ registry, syncs: [sync] });
// One that stands by is as ready as it gets: it sees no heartbeat of its own.
const ready = (): boolean => sync.state() === 'live' || !sync.metrics().leader;
const http = await serveMetrics({ registry, port: Number(PORT), ready });
logger.info({ url: http.url }, 'serving /healthz, /readyz and /metrics');

await sync.start();
process.once('SIGTERM', () => {
  // Lets writes under way end and gives the Lease back, so that the next one leads at once.
  void sync.stop().then(() => Promise.all([http.stop(), cluster.close(), gateway.close()]));
});
for await (const notice of sync.events()) logger.info({ notice }, notice.type);
