import {
  connectSyncControl,
  createK8sSync,
  createKubeClient,
  createYz7Gateway,
  credentialsFromKubeconfig,
  serveSyncControl,
} from 'youzan-kube';

const { KUBECONFIG: file, YZ7_URL: url = '', YZ7_TOKEN: token = '', SOCKET: socketPath = '' } = process.env;
const cluster = createKubeClient({ name: 'bc-a', credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file }) });
const gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url, token });

const sync = createK8sSync({ cluster, idc: 'bc', gateways: [gateway] });
await sync.start();
const server = await serveSyncControl({ syncs: [sync], socketPath });

// From another process of the same user: `youzan-kube sync status --control $SOCKET`, or in code:
const control = connectSyncControl({ socketPath });
await control.freeze('bc-a', { actor: 'ann', reason: 'the core switch is replaced' });
const { frozenByOperator } = await control.status('bc-a');
console.log(frozenByOperator?.actor, frozenByOperator?.reason);

await server.stop();
await sync.stop();
await Promise.all([cluster.close(), gateway.close()]);
