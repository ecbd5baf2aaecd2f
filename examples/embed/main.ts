import { createK8sSync, createKubeClient, createYz7Gateway, credentialsFromKubeconfig } from 'youzan-kube';

const { KUBECONFIG: file, YZ7_URL: url = '', YZ7_TOKEN: token = '' } = process.env;
const cluster = createKubeClient({ name: 'bc-a', credentials: credentialsFromKubeconfig({ cluster: 'bc-a', file }) });
const gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url, token });

const sync = createK8sSync({ cluster, idc: 'bc', gateways: [gateway] });
await sync.start();
process.once('SIGTERM', () => void sync.stop().then(() => Promise.all([cluster.close(), gateway.close()])));
for await (const notice of sync.events()) console.log(JSON.stringify(notice));
