// A syncer as a process of its own, which a test can kill. Its order is JSON in its first argument; it says on stdout, a
// line each, what it leads with and which phase it is in.
import { createYz7Gateway } from '../../../src/gateways/index.js';
import { createK8sSync } from '../../../src/k8s-sync/index.js';
import { createKubeClient, credentialsFromKubeconfig } from '../../../src/kube/index.js';

/** What such a process is told. */
export interface SyncerOrder {
  readonly cluster: string;
  readonly idc: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly gateway: { readonly url: string; readonly token: string };
  readonly renewMs: number;
}

const order = JSON.parse(process.argv[2] ?? '') as SyncerOrder;
const { cluster: name, idc, namespace, renewMs } = order;
const sync = createK8sSync({
  cluster: createKubeClient({
    name,
    credentials: credentialsFromKubeconfig({ cluster: name, file: order.kubeconfig }),
  }),
  idc,
  gateways: [createYz7Gateway({ name: 'bc-1', idc, ...order.gateway })],
  namespace,
  lease: { namespace, name: 'k8s-sync' },
  renewMs,
});
await sync.start();
for await (const notice of sync.events()) {
  if (notice.type === 'phase') console.log(notice.to);
  if (notice.type === 'leading') console.log(`epoch ${notice.epoch}`);
}
