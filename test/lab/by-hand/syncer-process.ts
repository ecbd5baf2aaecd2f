// A syncer as a process of its own, which a test can kill. Its order is JSON in its first argument; it says on stdout, a
// line each, what it leads with, which phase it is in, what its log warns of and, if asked to, what its heap holds.
import { createYz7Gateway } from '../../../src/gateways/index.js';
import { createK8sSync } from '../../../src/k8s-sync/index.js';
import { createKubeClient, credentialsFromKubeconfig } from '../../../src/kube/index.js';

/** What such a process is told. */
export interface SyncerOrder {
  readonly cluster: string;
  readonly idc: string;
  readonly kubeconfig: string;
  /** Where its Lease is; and, unless it is to see the whole cluster, what it sees. */
  readonly namespace: string;
  readonly wholeCluster?: boolean;
  readonly gateways: readonly { readonly name: string; readonly url: string; readonly token: string }[];
  readonly renewMs: number;
  /** How often it says, after a collection, how many bytes its heap holds. Default: never. */
  readonly heapEveryMs?: number;
}

const order = JSON.parse(process.argv[2] ?? '') as SyncerOrder;
const { cluster: name, idc, namespace, renewMs } = order;
const sync = createK8sSync({
  cluster: createKubeClient({
    name,
    credentials: credentialsFromKubeconfig({ cluster: name, file: order.kubeconfig }),
  }),
  idc,
  gateways: order.gateways.map((gateway) => createYz7Gateway({ idc, ...gateway })),
  ...(order.wholeCluster !== true && { namespace }),
  lease: { namespace, name: 'k8s-sync' },
  renewMs,
  logger: {
    info: () => undefined,
    warn: (_, message) => console.log(message),
    error: (_, message) => console.log(message),
  },
});
await sync.start();
if (order.heapEveryMs !== undefined)
  setInterval(() => {
    globalThis.gc?.();
    console.log(`heap ${process.memoryUsage().heapUsed}`);
  }, order.heapEveryMs);
for await (const notice of sync.events()) {
  if (notice.type === 'phase') console.log(notice.to);
  if (notice.type === 'leading') console.log(`epoch ${notice.epoch}`);
}
