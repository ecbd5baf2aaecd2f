import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { adoptServers, type AdoptServersOptions } from '../../../src/k8s-sync/index.js';
import { generationOf } from '../../../src/k8s-sync/core/index.js';
import type { Server } from '../../../src/members/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../../src/testing/index.js';

const at = (last: number, uid = '', color = 'stable'): Server => ({
  ...{ ip: `10.0.0.${last}`, port: 8030, weight: 100, state: 'up', uid, zone: '', labels: { color } },
});

describe('adoptServers', () => {
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  beforeEach(async () => {
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc: 'bc' });
    gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url: yz7.adminUrl, token: yz7.token });
  });
  afterEach(async () => {
    await gateway.close();
    await yz7.stop();
  });

  /** What a writer of its own has put there. */
  async function written(source: string, servers: readonly Server[]): Promise<void> {
    await gateway.claim(source, { generation: generationOf(1, 0), writer: source });
    await gateway.putSource({ upstream: 'shop.http', source, generation: generationOf(1, 1), servers });
  }
  const adopt = (more: Partial<AdoptServersOptions> = {}) =>
    adoptServers({
      ...{
        gateways: [gateway],
        upstream: 'shop.http',
        from: 'vm.bc',
        to: ['k8s.bc.bc-a', 'k8s.bc.bc-b'],
        actor: 'ann',
      },
      ...{ drainGraceMs: 10, deadlineMs: 5000, ...more },
    });
  const byHand = async (): Promise<string[]> =>
    ((await gateway.readSource('shop.http', 'vm.bc'))?.servers ?? []).map(({ ip, state }) => `${ip} ${state}`).sort();

  it('says what the clusters have too, and in a dry run writes nothing', async () => {
    await written('vm.bc', [at(1), at(2)]);
    await written('k8s.bc.bc-a', [at(1, 'pod-1'), at(3, 'pod-3')]);
    expect(await adopt({ dryRun: true })).toMatchObject([
      {
        both: ['10.0.0.1:8030'],
        onlyByHand: ['10.0.0.2:8030'],
        onlyKubernetes: ['10.0.0.3:8030'],
        goes: ['10.0.0.1:8030'],
        put: { outcome: 'planned' },
        error: null,
      },
    ]);
    expect(await byHand()).toEqual(['10.0.0.1 up', '10.0.0.2 up']);
  });

  it('lets go what the clusters have too, drained first, and keeps what is only there by hand', async () => {
    await written('vm.bc', [at(1), at(2)]);
    await written('k8s.bc.bc-b', [at(1, 'pod-1')]);
    expect(await adopt()).toMatchObject([{ put: { outcome: 'done' } }]);
    expect(await byHand()).toEqual(['10.0.0.2 up']);
    expect(yz7.stats().history.slice(2)).toMatchObject([
      { drained: ['10.0.0.1:8030'], removed: [] },
      { removed: ['10.0.0.1:8030'], undrained: [] },
    ]);
  });

  it('lets all go where the clusters serve as many, and none where they serve fewer', async () => {
    await written('vm.bc', [at(1), at(2)]);
    await written('k8s.bc.bc-a', [at(3, 'pod-3'), at(4, 'pod-4', 'gray')]);
    expect(await adopt({ replace: true })).toMatchObject([{ goes: [], put: { outcome: 'unchanged' } }]);
    await written('k8s.bc.bc-b', [at(5, 'pod-5')]);
    expect(await adopt({ replace: true })).toMatchObject([{ put: { outcome: 'done' } }]);
    expect(await byHand()).toEqual([]);
  });

  it('counts an address of two clusters once', async () => {
    await written('vm.bc', [at(1), at(2)]);
    for (const cluster of ['k8s.bc.bc-a', 'k8s.bc.bc-b']) await written(cluster, [at(3, cluster)]);
    expect(await adopt({ replace: true })).toMatchObject([{ goes: [] }]);
  });

  it('takes nobody’s place with what is drained, or of another color', async () => {
    await written('vm.bc', [at(1), at(2)]);
    await written('k8s.bc.bc-a', [{ ...at(1, 'pod-1'), state: 'drain' }, at(2, 'pod-2', 'gray')]);
    expect(await adopt()).toMatchObject([{ both: [], onlyByHand: ['10.0.0.1:8030', '10.0.0.2:8030'], goes: [] }]);
  });

  it('waits for every worker to have what takes the place', async () => {
    await written('vm.bc', [at(1)]);
    yz7.faults.lag('worker-2', 'stuck');
    await written('k8s.bc.bc-a', [at(1, 'pod-1')]);
    expect(await adopt({ confirmWaitMs: 100 })).toMatchObject([
      { put: null, error: 'bc-1: worker-2 without revision 2' },
    ]);
    expect(await byHand()).toEqual(['10.0.0.1 up']);
  });

  it('says of a gateway that can not be read why', async () => {
    await yz7.faults.down(true);
    expect(await adopt()).toMatchObject([{ put: null, error: expect.stringMatching(/^UNREACHABLE/) as unknown }]);
  });

  it('hands nothing over that is a cluster’s own, or to nobody', () => {
    expect(() => adopt({ from: 'k8s.bc.bc-a' })).toThrow(expect.objectContaining({ code: 'SERVERS_SOURCE' }));
    expect(() => adopt({ to: [] })).toThrow(expect.objectContaining({ code: 'SERVERS_SOURCE' }));
  });
});
