// What can go wrong between a syncer and its cluster, one cause at a time: nothing that serves is taken out, and the syncer
// is live again by itself once the cause has passed. The table in docs/k8s-sync.md says what happens meanwhile.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { K8sSync, SyncNotice } from '../../src/k8s-sync/index.js';
import type { EmbeddedCluster } from '../../src/testing/index.js';
import { startSyncWorld, type SyncWorld } from './world.js';

const wait = { timeout: 20_000, interval: 50 };
const slices = /\/endpointslices/;
const all = /./;
/** As many as come. */
const always = 100_000;

/** What begins with a fault, ends with `heal`. */
const causes: readonly [string, (cluster: EmbeddedCluster) => void, 'suspect' | 'frozen'][] = [
  ['the credentials are no longer known (401)', (of) => refuse(of, 401, all), 'frozen'],
  ['the slices may not be seen any more, the Lease may (403)', (of) => refuse(of, 403, slices), 'suspect'],
  [
    'the Lease may not be written any more, the slices may be seen (403)',
    (of) => refuse(of, 403, /\/leases/),
    'frozen',
  ],
  ['the API server asks for patience (429)', (of) => refuse(of, 429, slices), 'suspect'],
  ['the API server fails (500)', (of) => refuse(of, 500, all), 'frozen'],
  ['connections hang half open, and no answer comes', (of) => of.faults.stall(), 'frozen'],
  ['new connections hang before TLS', (of) => of.faults.partition(), 'frozen'],
];

/** Watches that are open already are cut, so that they meet the refusal too. */
function refuse({ faults }: EmbeddedCluster, status: number, path: RegExp): void {
  for (const method of ['GET', 'PUT', 'POST', 'PATCH']) faults.failNext(always, { status, path, method });
  faults.resetConnections();
}

describe('what serves stays', () => {
  let world: SyncWorld;
  let sync: K8sSync;
  const phases: string[] = [];

  beforeEach(async () => {
    world = await startSyncWorld();
    sync = world.newSync();
    phases.length = 0;
    void (async () => {
      for await (const notice of sync.events()) note(notice);
    })();
    await sync.start();
    await vi.waitFor(() => expect(sync.metrics().upstreams[0]?.live).toBe(2), wait);
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
  });
  afterEach(() => world.end());

  const note = (notice: SyncNotice): void => {
    if (notice.type === 'phase') phases.push(notice.to);
  };

  it.each(causes)('when %s', async (_, begin, phase) => {
    const before = await world.servers();
    const written = JSON.stringify(world.gateway.stats().writes);
    begin(world.cluster);
    await vi.waitFor(() => expect(phases).toContain(phase), wait);
    expect(await world.servers()).toEqual(before);
    world.cluster.faults.heal();
    await vi.waitFor(() => expect(sync.state()).toBe('live'), wait);
    expect(await world.servers()).toEqual(before);
    expect(JSON.stringify(world.gateway.stats().writes)).toBe(written);
    await world.scale(3);
    await vi.waitFor(async () => expect(await world.servers()).toHaveLength(3), wait);
  });
});
