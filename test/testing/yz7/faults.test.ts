import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { startEmbeddedYz7, type EmbeddedYz7 } from '../../../src/testing/yz7/index.js';
import { serverAt, upstream } from './traffic.js';

describe('the fault knobs', () => {
  let gateway: EmbeddedYz7;
  let client: Gateway;

  beforeEach(async () => {
    gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc' });
    client = createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: gateway.adminUrl, token: gateway.token });
    for (const source of ['k8s.bc.bc-a', 'k8s.bc.bc-b'])
      await client.claim(source, { generation: '1', writer: 'test' });
  });

  afterEach(async () => {
    await client.close();
    await gateway.stop();
  });

  const put = (source: string, generation: number): Promise<unknown> =>
    client.putSource({ upstream, source, generation: String(generation), servers: [serverAt(generation)] });

  it("refuses one source's writes, counts them, and leaves the other alone", async () => {
    await put('k8s.bc.bc-a', 1);
    gateway.faults.refuseWrites('*.bc-a', 503);
    await expect(put('k8s.bc.bc-a', 2)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(client.claim('k8s.bc.bc-a', { generation: '2', writer: 'test' })).rejects.toMatchObject({
      status: 503,
    });
    await put('k8s.bc.bc-b', 1);
    await put('k8s.bc.bc-b', 1);
    gateway.faults.acceptWrites();
    await put('k8s.bc.bc-a', 2);
    expect(gateway.stats().writes).toEqual({
      'k8s.bc.bc-a': { accepted: 2, unchanged: 0, refused: { STORE_UNAVAILABLE: 1 } },
      'k8s.bc.bc-b': { accepted: 1, unchanged: 1, refused: {} },
    });
    expect(gateway.stats().claims['k8s.bc.bc-a']).toEqual({
      accepted: 1,
      unchanged: 0,
      refused: { STORE_UNAVAILABLE: 1 },
    });
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain('yz7_source_writes_total{source="k8s.bc.bc-a",result="STORE_UNAVAILABLE"} 1');
    expect(metrics).toContain('yz7_source_writes_total{source="k8s.bc.bc-b",result="accepted"} 1');
  });

  it('keeps a history of what changed, who was drained and who was not', async () => {
    const source = 'k8s.bc.bc-a';
    const write = (generation: number, servers: ReturnType<typeof serverAt>[]): Promise<unknown> =>
      client.putSource({ upstream, source, generation: String(generation), servers });
    await write(1, [serverAt(1), serverAt(2), serverAt(3)]);
    await write(2, [serverAt(1), serverAt(2, { state: 'drain' }), serverAt(3)]);
    await write(3, [serverAt(1)]);
    const [first, second, third] = gateway.stats().history;
    expect(first).toMatchObject({
      revision: 1,
      source,
      upstream,
      added: ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'],
    });
    expect(second).toMatchObject({ added: [], removed: [], drained: ['127.0.0.1:2'], undrained: [] });
    expect(third).toMatchObject({ removed: ['127.0.0.1:2', '127.0.0.1:3'], drained: [], undrained: ['127.0.0.1:3'] });
    expect(Math.abs((first?.at ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('lags: a worker adopts a revision late', async () => {
    gateway.faults.lag('worker-1', 50);
    const started = performance.now();
    await put('k8s.bc.bc-a', 1);
    expect(await client.status({ minRevision: 1, waitMs: 0 })).toMatchObject({ applied: false });
    expect(await client.status({ minRevision: 1, waitMs: 5_000 })).toMatchObject({ applied: true });
    expect(performance.now() - started).toBeGreaterThan(45);
    expect(() => gateway.faults.lag('worker-9', 1)).toThrow('there is no worker-9; there are worker-1, worker-2');
  });

  it('is slow, and hangs until it goes on', async () => {
    gateway.faults.slow(60);
    const started = performance.now();
    await client.status();
    expect(performance.now() - started).toBeGreaterThan(55);
    gateway.faults.slow(0);
    gateway.faults.hang(true);
    const waiting = put('k8s.bc.bc-a', 1);
    gateway.faults.hang(false);
    await waiting;
  });

  it('does not do what a caller gave up while it hung', async () => {
    gateway.faults.hang(true);
    const call = client.putSource(
      { upstream, source: 'k8s.bc.bc-a', generation: '1', servers: [] },
      { timeoutMs: 100 },
    );
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
    // The gateway sees the closed connection some turns of the event loop later.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    gateway.faults.hang(false);
    await client.status();
    expect(gateway.stats().writes).toEqual({});
  });

  it('clears everything at once', async () => {
    gateway.faults.refuseWrites('*', 500);
    gateway.faults.nonsense(true);
    gateway.faults.lag('worker-1', 'stuck');
    gateway.faults.hang(true);
    await gateway.faults.down(true);
    await gateway.faults.clear();
    // The connection that was kept from before is dead.
    await client.status().catch(() => undefined);
    await put('k8s.bc.bc-a', 1);
    expect(await client.status({ minRevision: 1, waitMs: 5_000 })).toMatchObject({ applied: true });
  });
});
