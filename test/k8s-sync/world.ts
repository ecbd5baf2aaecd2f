import { createYz7Gateway, type Gateway } from '../../src/gateways/index.js';
import { createK8sSync, type K8sSync, type K8sSyncOptions } from '../../src/k8s-sync/index.js';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient, resources } from '../../src/kube/index.js';
import {
  type EmbeddedCluster,
  type EmbeddedYz7,
  startEmbeddedCluster,
  startEmbeddedYz7,
} from '../../src/testing/index.js';

export const labels = { 'youzan.com/app': 'shop', 'youzan.com/color': 'stable' };

/** A cluster, a gateway and a syncer between them; `end` takes all down. */
export interface SyncWorld {
  readonly cluster: EmbeddedCluster;
  readonly client: KubeClient;
  readonly gateway: EmbeddedYz7;
  readonly writer: Gateway;
  newSync(options?: Partial<K8sSyncOptions>): K8sSync;
  scale(replicas: number): Promise<void>;
  /** `ip state` of each server of the cluster's source. */
  servers(): Promise<string[]>;
  end(): Promise<void>;
}

const server = `require('http').createServer((q,s)=>s.end('ok')).listen(8030, process.env.LISTEN_HOST)`;

/** With `nodes`, so many nodes; default one. */
export async function startSyncWorld({ nodes = 1 } = {}): Promise<SyncWorld> {
  const ends: (() => Promise<unknown>)[] = [];
  const cluster = await startEmbeddedCluster({ name: 'bc-a', nodes });
  ends.push(() => cluster.stop());
  const gateway = await startEmbeddedYz7({ name: 'bc-1', idc: 'bc' });
  ends.push(() => gateway.stop());
  const connect = (): KubeClient => {
    const made = createKubeClient({
      name: 'bc-a',
      credentials: credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig }),
    });
    ends.push(() => made.close());
    return made;
  };
  const open = (): Gateway => {
    const made = createYz7Gateway({ name: 'bc-1', idc: 'bc', url: gateway.adminUrl, token: gateway.token });
    ends.push(() => made.close());
    return made;
  };
  const client = connect();
  const writer = open();
  const container = {
    name: 'app',
    image: 'none',
    command: ['node', '-e', server],
    ports: [{ name: 'http', containerPort: 8030 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
    lifecycle: { preStop: { exec: { command: ['sleep', '0.3'] } } },
  };
  const apply = { fieldManager: 'test' };
  await client.apply(
    resources.services,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'shop', namespace: 'default', labels },
      spec: { selector: labels, ports: [{ name: 'http', port: 8030, targetPort: 'http' }] },
    },
    apply,
  );
  await client.apply(
    resources.deployments,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop', namespace: 'default', labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
      },
    },
    apply,
  );
  return {
    cluster,
    client,
    gateway,
    writer,
    newSync(options = {}) {
      const sync = createK8sSync({
        cluster: connect(),
        idc: 'bc',
        gateways: [open()],
        renewMs: 200,
        timings: { suspectMs: 600, frozenMs: 1500 },
        ...options,
      });
      ends.push(() => sync.stop());
      return sync;
    },
    async scale(replicas) {
      await client.patch(resources.deployments, { namespace: 'default', name: 'shop' }, { spec: { replicas } });
    },
    async servers() {
      const content = await writer.readSource('shop.http', 'k8s.bc.bc-a');
      return (content?.servers ?? []).map(({ ip, state }) => `${ip} ${state}`).sort();
    },
    async end() {
      for (const end of ends.reverse()) await end();
    },
  };
}
