import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { createK8sSync, type K8sSync, type K8sSyncOptions, type SyncNotice } from '../../../src/k8s-sync/index.js';
import type { KubeClient } from '../../../src/kube/index.js';
import type { Server } from '../../../src/members/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../../src/testing/index.js';
import type { LabCluster } from '../cluster/lab-cluster.js';
import { clientOf } from '../node/pods.js';
import { type HandMadeApp, handMadeApp } from './app.js';

export interface RunningSync {
  readonly sync: K8sSync;
  /** All that it told so far. */
  readonly notices: SyncNotice[];
  /** The phases that it went to. */
  phases(): string[];
}

export type SyncChange = Partial<K8sSyncOptions> & { readonly allNamespaces?: boolean };

/** One app in a real cluster, one gateway, and syncers between them; `end` takes all but the objects down. */
export interface SyncWorld {
  readonly gateway: EmbeddedYz7;
  readonly app: HandMadeApp;
  readonly source: string;
  /** In the app's namespace, or in all. */
  startSync(options?: SyncChange): Promise<RunningSync>;
  /** What the gateway has of the cluster's source. */
  content(): Promise<readonly Server[]>;
  /** `ip state` of each. */
  servers(): Promise<string[]>;
  /** Counted writes of the source, whatever came of them. */
  writes(): string;
  end(): Promise<void>;
}

/** Quick to notice, so that no test waits for the defaults. */
export const quick = { renewMs: 500, timings: { suspectMs: 1500, frozenMs: 4000 } } as const;

/** The objects are made by `client`, in a namespace of their own. */
export async function startSyncWorld(cluster: LabCluster, client: KubeClient, namespace: string): Promise<SyncWorld> {
  const { name, idc } = cluster;
  const ends: (() => Promise<unknown>)[] = [];
  const gateway = await startEmbeddedYz7({ name: 'bc-1', idc });
  ends.push(() => gateway.stop());
  const openGateway = (): Gateway => {
    const opened = createYz7Gateway({ name: 'bc-1', idc, url: gateway.adminUrl, token: gateway.token });
    ends.push(() => opened.close());
    return opened;
  };
  const reader = openGateway();
  const source = `k8s.${idc}.${name}`;
  const content = async (): Promise<readonly Server[]> =>
    (await reader.readSource(app.upstream, source))?.servers ?? [];
  const app = await handMadeApp(client, namespace, 'shop');
  return {
    gateway,
    app,
    source,
    async startSync({ allNamespaces = false, ...options } = {}) {
      const own = options.cluster ?? clientOf(cluster);
      ends.push(() => own.close());
      const sync = createK8sSync({
        cluster: own,
        idc,
        gateways: [openGateway()],
        ...(!allNamespaces && { namespace }),
        lease: { namespace, name: 'k8s-sync' },
        ...quick,
        ...options,
      });
      ends.push(() => sync.stop());
      const notices: SyncNotice[] = [];
      void (async () => {
        for await (const notice of sync.events()) notices.push(notice);
      })();
      await sync.start();
      return {
        sync,
        notices,
        phases: () => notices.flatMap((notice) => (notice.type === 'phase' ? [notice.to] : [])),
      };
    },
    content,
    servers: async () => (await content()).map(({ ip, state }) => `${ip} ${state}`).sort(),
    writes: () => JSON.stringify(gateway.stats().writes[source] ?? {}),
    async end() {
      for (const end of ends.reverse()) await end();
    },
  };
}
