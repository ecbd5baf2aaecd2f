import { Registry } from 'prom-client';
import {
  createK8sSync,
  createKubeClient,
  createSyncExporter,
  createYz7Gateway,
  credentialsFromKubeconfig,
  serveMetrics,
} from 'youzan-kube';

const { KUBECONFIG: file, YZ7_URL: url = '', YZ7_TOKEN: token = '' } = process.env;
const cluster = createKubeClient({ name: 'bc-a', credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file }) });
const gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url, token });
const sync = createK8sSync({ cluster, idc: 'bc', gateways: [gateway] });
await sync.start();

const registry = new Registry();
await createSyncExporter({ registry, syncs: [sync] });
const metrics = await serveMetrics({ registry, port: 0, ready: () => sync.state() === 'live' });
console.log(`${metrics.url}/metrics`);

process.once(
  'SIGTERM',
  () => void sync.stop().then(() => Promise.all([metrics.stop(), cluster.close(), gateway.close()])),
);
