// Two syncers on one Lease of a real cluster: the leader dies without a word.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KubeClient, resources } from '../../src/kube/index.js';
import { quick, startSyncWorld, type SyncWorld } from './by-hand/sync-world.js';
import type { SyncerOrder } from './by-hand/syncer-process.js';
import { startTcpProxy, type TcpProxy } from './by-hand/tcp-proxy.js';
import type { LabCluster } from './cluster/lab-cluster.js';
import { clientOf } from './node/pods.js';
import { useLab } from './use-lab.js';

const wait = { timeout: 40_000, interval: 50 };
const [a, b, late] = ['10.2.0.1', '10.2.0.2', '10.2.0.3'] as const;
const main = fileURLToPath(new URL('by-hand/syncer-process.ts', import.meta.url));

describe('two syncers on one Lease', () => {
  let cluster: LabCluster;
  let admin: KubeClient;
  let world: SyncWorld;
  /** Between the first syncer and the gateway. */
  let proxy: TcpProxy;
  let first: ChildProcess;
  let said: string;
  let worlds = 0;

  beforeAll(async () => {
    ({ sync: cluster } = await useLab({ sync: { idc: 'bc' } }));
    admin = clientOf(cluster);
    return () => admin.close();
  });
  beforeEach(async () => {
    const namespace = `sync-leader-${(worlds += 1)}`;
    world = await startSyncWorld(cluster, admin, namespace);
    await world.app.add(a);
    await world.app.add(b);
    proxy = await startTcpProxy(new URL(world.gateway.adminUrl));
    const order: SyncerOrder = {
      cluster: cluster.name,
      idc: cluster.idc,
      kubeconfig: cluster.kubeconfig,
      namespace,
      gateways: [{ name: 'bc-1', url: `http://127.0.0.1:${proxy.port}`, token: world.gateway.token }],
      renewMs: quick.renewMs,
    };
    said = '';
    first = spawn(process.execPath, ['--import', 'tsx', main, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    first.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
    await vi.waitFor(async () => expect(await world.servers()).toEqual([`${a} up`, `${b} up`]), wait);
    await vi.waitFor(() => expect(said).toContain('live'), wait);
  });
  afterEach(async () => {
    first.kill('SIGKILL');
    await proxy.close();
    await world.end();
  });

  const epochInLease = async (): Promise<string | undefined> => {
    const ref = { namespace: world.app.namespace, name: 'k8s-sync' };
    const { metadata } = await admin.get(resources.leases, ref);
    return metadata.annotations?.['youzan-kube.youzan.com/epoch'];
  };

  it('the other takes over with a greater epoch, and a write that the dead one had sent is refused when it arrives', async () => {
    expect(said).toContain('epoch 1\n');
    const second = await world.startSync();
    await vi.waitFor(() => expect(second.sync.state()).toBe('syncing'), wait);
    proxy.hold();
    await world.app.add(late);
    await vi.waitFor(() => expect(proxy.held()).toContain(`PUT /admin/v1/upstreams/${world.app.upstream}`), wait);
    const died = performance.now();
    first.kill('SIGKILL');
    await vi.waitFor(() => expect(second.sync.state()).toBe('live'), wait);
    // The Lease is good for 15 s after its last renewal, seen from the one that waits for it.
    expect(performance.now() - died).toBeGreaterThan(13_000);
    expect(second.notices).toContainEqual({ type: 'leading', epoch: 2 });
    expect(await epochInLease()).toBe('2');
    const [upA, upB, upLate] = [`${a} up`, `${b} up`, `${late} up`];
    await vi.waitFor(async () => expect(await world.servers()).toEqual([upA, upB, upLate]), wait);
    // From here on the old write would take away what the second has added since.
    await world.app.add('10.2.0.4');
    await vi.waitFor(async () => expect(await world.servers()).toEqual([upA, upB, upLate, '10.2.0.4 up']), wait);

    proxy.release();
    await vi.waitFor(() => {
      expect(world.gateway.stats().writes[world.source]?.refused).toEqual({ STALE_GENERATION: 1 });
    }, wait);
    expect(await world.servers()).toEqual([upA, upB, upLate, '10.2.0.4 up']);
  });

  it('a freeze that the one standing by was told holds for the leader, and for whoever leads when that one dies', async () => {
    const second = await world.startSync();
    expect(await second.sync.freeze({ actor: 'ann', reason: 'the switch' })).toEqual({ kept: 'lease' });
    await vi.waitFor(() => expect(said).toContain('freeze kept in the Lease by ann: the switch'), wait);
    await world.app.end(a);
    await world.app.add(late);
    await vi.waitFor(async () => expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${late} up`]), wait);
    first.kill('SIGKILL');
    await vi.waitFor(() => expect(second.sync.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    await world.app.add('10.2.0.4');
    const all = [`${a} up`, `${b} up`, `${late} up`, '10.2.0.4 up'];
    await vi.waitFor(async () => expect(await world.servers()).toEqual(all), wait);
    expect(second.sync.status().frozenByOperator).toMatchObject({ actor: 'ann', reason: 'the switch' });

    // One that starts only now has it before it leads, and takes it back for all.
    await second.sync.stop();
    const third = await world.startSync();
    await vi.waitFor(() => expect(third.sync.metrics()).toMatchObject({ leader: true, state: 'live' }), wait);
    expect(third.sync.status().frozenByOperator).toMatchObject({ actor: 'ann' });
    expect(await world.servers()).toEqual(all);
    expect(await third.sync.unfreeze({ actor: 'bob' })).toEqual({ kept: 'lease' });
    await vi.waitFor(async () => expect(await world.servers()).not.toContain(`${a} up`), wait);
  });

  it('a leader that was stopped and goes on finds that it no longer leads, and changes nothing', async () => {
    const second = await world.startSync();
    first.kill('SIGSTOP');
    await vi.waitFor(() => expect(second.sync.state()).toBe('live'), wait);
    await world.app.add(late);
    await vi.waitFor(async () => expect(await world.servers()).toEqual([`${a} up`, `${b} up`, `${late} up`]), wait);
    first.kill('SIGCONT');
    await world.app.end(a);
    await vi.waitFor(async () => expect(await world.servers()).toEqual([`${a} drain`, `${b} up`, `${late} up`]), wait);
    await vi.waitFor(async () => expect(await epochInLease()).toBe('2'), wait);
    expect(second.sync.metrics().leader).toBe(true);
    expect(second.notices.filter(({ type }) => type === 'not-leading')).toEqual([]);
  });
});
