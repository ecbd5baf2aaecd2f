// etcd restored from a snapshot under a running syncer. What it had seen and written since is lost, also where the
// resourceVersions have gone past the lost ones before it looks again.
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient, resources } from '../../src/kube/index.js';
import { type RunningSync, startSyncWorld, type SyncWorld } from './by-hand/sync-world.js';
import { startTcpProxy, type TcpProxy } from './by-hand/tcp-proxy.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const wait = { timeout: 20_000, interval: 50 };
const [kept, lost] = ['10.3.0.1', '10.3.0.2'] as const;

describe('etcd restored from a snapshot', () => {
  let cluster: LabCluster;
  let admin: KubeClient;
  let world: SyncWorld;
  let running: RunningSync;
  /** Between the syncer and the API server. */
  let proxy: TcpProxy;
  let worlds = 0;

  /** Moves the resourceVersion on by so many. */
  const writeOthers = async (count: number): Promise<void> => {
    const name = `filler-${worlds}`;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
    for (let turn = 0; turn < count; turn += 1)
      await admin.apply(
        resources.configMaps,
        { ...object, data: { turn: String(Math.random()) } },
        { fieldManager: 'filler' },
      );
  };
  const eventually = (...servers: readonly string[]): Promise<void> =>
    vi.waitFor(async () => expect(await world.servers()).toEqual(servers), wait);

  beforeAll(async () => {
    ({ 'sync-restore': cluster } = await useLab({ 'sync-restore': { idc: 'bc' } }));
    admin = clientOf(cluster);
    return () => admin.close();
  });
  beforeEach(async () => {
    world = await startSyncWorld(cluster, admin, `sync-restore-${(worlds += 1)}`);
    await world.app.add(kept);
    proxy = await startTcpProxy(new URL(cluster.url));
    const { name } = cluster;
    const text = readFileSync(cluster.kubeconfig, 'utf8');
    const through = text.replace(cluster.url, `https://127.0.0.1:${proxy.port}`);
    const client = createKubeClient({ name, credentials: credentialsFromKubeconfig({ cluster: name, text: through }) });
    // Frozen, it would list anew in any case.
    running = await world.startSync({
      cluster: client,
      timings: { suspectMs: 10_000, frozenMs: 60_000 },
      renewMs: 4000,
    });
    await eventually(`${kept} up`);
    await vi.waitFor(() => expect(running.sync.state()).toBe('live'), wait);
  });
  afterEach(async () => {
    await world.end();
    await proxy.close();
  });

  const heartbeat = async (): Promise<string | undefined> => {
    const ref = { namespace: world.app.namespace, name: 'k8s-sync' };
    return (await admin.get(resources.leases, ref)).metadata.resourceVersion;
  };
  const nextHeartbeat = async (): Promise<void> => {
    const before = await heartbeat();
    await vi.waitFor(async () => expect(await heartbeat()).not.toBe(before), wait);
  };
  /** The new list after the break may come before the heartbeat that finds its own write gone. */
  const saidRestored = (): string[] =>
    running.notices.flatMap((notice) => (notice.type === 'phase' && notice.to === 'syncing' ? [notice.reason] : []));

  it('is noticed when the resourceVersion went back: what was lost goes', async () => {
    const snapshot = await cluster.saveEtcdSnapshot();
    await world.app.add(lost);
    await writeOthers(200);
    await eventually(`${kept} up`, `${lost} up`);
    await nextHeartbeat();
    await cluster.restoreEtcdSnapshot(snapshot);
    await eventually(`${kept} up`);
    await vi.waitFor(() => expect(saidRestored()).toHaveLength(1), wait);
  });

  it('is noticed by the heartbeat that is lost, where the servers have made up for a few lost writes', async () => {
    const snapshot = await cluster.saveEtcdSnapshot();
    await world.app.add(lost);
    await eventually(`${kept} up`, `${lost} up`);
    await nextHeartbeat();
    await cluster.restoreEtcdSnapshot(snapshot);
    await eventually(`${kept} up`);
    await vi.waitFor(() => expect(saidRestored()).toHaveLength(1), wait);
  });

  it('is noticed by the heartbeat that is lost, where the resourceVersion is past the lost ones before the syncer can look', async () => {
    const snapshot = await cluster.saveEtcdSnapshot();
    await writeOthers(150);
    await world.app.add(lost);
    await eventually(`${kept} up`, `${lost} up`);
    await nextHeartbeat();
    proxy.cut();
    await cluster.restoreEtcdSnapshot(snapshot);
    await writeOthers(300);
    proxy.mend();
    await eventually(`${kept} up`);
    await vi.waitFor(() => expect(saidRestored()).toEqual(['a heartbeat was lost']), wait);
  });

  // Between two heartbeats there is none to be lost; the watch that broke is followed by a new list.
  it('is noticed where no heartbeat was lost', async () => {
    await nextHeartbeat();
    const snapshot = await cluster.saveEtcdSnapshot();
    await world.app.add(lost);
    await eventually(`${kept} up`, `${lost} up`);
    await cluster.restoreEtcdSnapshot(snapshot);
    await eventually(`${kept} up`);
  });
});
