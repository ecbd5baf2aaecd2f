// Addresses that two sources have, at the embedded gateway, by a clock that a test moves.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import { GatewayConflicts } from '../../../src/k8s-sync/conflicts/gateway-conflicts.js';
import { tellSources } from '../../../src/k8s-sync/conflicts/index.js';
import { type EmbeddedYz7, startEmbeddedYz7 } from '../../../src/testing/index.js';
import { FakeClock } from '../../kube/fake-clock.js';

const everyMs = 50;
const wait = { timeout: 5000, interval: 20 };
const [ours, other, third] = ['k8s.bc.bc-a', 'k8s.bc.bc-b', 'vm.bc'] as const;

describe('GatewayConflicts', () => {
  let yz7: EmbeddedYz7;
  let gateway: Gateway;
  let clock: FakeClock;
  let found: GatewayConflicts;
  let stop: AbortController;
  let generation = 0;
  let isWriting = false;
  /** Upstreams that the gateway was asked for, in order, and how many answers there were. */
  const asked: string[] = [];
  let answers = 0;
  const told: string[] = [];

  const put = async (source: string, upstream: string, ...ips: readonly string[]): Promise<void> => {
    const servers = ips.map((ip) => {
      return { ip, port: 8030, weight: 100, state: 'up', uid: `${source}-${ip}`, zone: '', labels: {} } as const;
    });
    const force = { reason: 'test', actor: 'me' };
    await gateway.putSource({ upstream, source, generation: String((generation += 1)), servers, force });
  };
  /** As the syncer looks: all upstreams of its source. */
  const look = async (storeId = 'store-1'): Promise<void> => found.looked(storeId, await gateway.readSources(ours));
  /** Lets so many reads happen, each after the answer to the one before. */
  const reads = async (count: number): Promise<void> => {
    for (let read = 0; read < count; read += 1) {
      const before = asked.length;
      await clock.until(everyMs);
      await clock.advance(everyMs);
      expect(asked).toHaveLength(before + 1);
    }
    await vi.waitFor(() => expect(answers).toBe(asked.length), wait);
  };

  beforeEach(async () => {
    yz7 = await startEmbeddedYz7({ name: 'bc-1', idc: 'bc' });
    gateway = createYz7Gateway({ name: 'bc-1', idc: 'bc', url: yz7.adminUrl, token: yz7.token });
    for (const source of [ours, other, third]) await gateway.claim(source, { generation: '1', writer: source });
    clock = new FakeClock();
    stop = new AbortController();
    [asked.length, told.length, answers, generation, isWriting] = [0, 0, 0, 1, false];
    found = new GatewayConflicts({
      gateway: {
        readEffective(upstream, options) {
          asked.push(upstream);
          return gateway.readEffective(upstream, options).finally(() => (answers += 1));
        },
      },
      source: ours,
      clock,
      signal: stop.signal,
      isWriting: () => isWriting,
      onChange(upstream, conflicts) {
        const each = conflicts.map(({ address, sources }) => `${address} ${tellSources(sources)}`);
        told.push(`${upstream}: ${each.join('; ')}`);
      },
    });
  });
  afterEach(async () => {
    stop.abort();
    await gateway.close();
    await yz7.stop();
  });

  it('tells an address of ours that another source has, once, and when that has passed', async () => {
    await put(ours, 'shop.http', '10.0.0.1', '10.0.0.2');
    await put(other, 'shop.http', '10.0.0.2', '10.0.0.3');
    await look();
    await reads(1);
    const conflict = 'shop.http: 10.0.0.2:8030 k8s.bc.bc-b up, k8s.bc.bc-a up';
    expect(told).toEqual([conflict]);
    expect([...found.present()]).toMatchObject([['shop.http', [{ address: '10.0.0.2:8030' }]]]);
    await look();
    await reads(1);
    expect(told).toEqual([conflict]);
    await put(other, 'shop.http', '10.0.0.3');
    await look();
    await reads(1);
    expect(told).toEqual([conflict, 'shop.http: ']);
    expect([...found.present()]).toEqual([]);
  });

  it('leaves to others what is not of our source', async () => {
    await put(ours, 'shop.http', '10.0.0.1');
    await put(other, 'shop.http', '10.0.0.2');
    await put(third, 'shop.http', '10.0.0.2');
    await look();
    await reads(1);
    expect(told).toEqual([]);
  });

  it('reads again what we have changed, and all in another store', async () => {
    await put(ours, 'a.http', '10.0.0.1');
    await put(ours, 'b.http', '10.0.0.2');
    await look();
    await reads(2);
    await put(ours, 'b.http', '10.0.0.3');
    await look();
    await reads(1);
    await look();
    await look('store-2');
    await reads(2);
    expect(asked).toEqual(['a.http', 'b.http', 'b.http', 'a.http', 'b.http']);
  });

  it('ends what it told of an upstream in which we have nothing any more', async () => {
    await put(ours, 'shop.http', '10.0.0.1');
    await put(other, 'shop.http', '10.0.0.1');
    await look();
    await reads(1);
    found.looked('store-1', []);
    expect(told).toEqual(['shop.http: 10.0.0.1:8030 k8s.bc.bc-b up, k8s.bc.bc-a up', 'shop.http: ']);
  });

  it('waits while a write is under way', async () => {
    await put(ours, 'shop.http', '10.0.0.1');
    isWriting = true;
    await look();
    await clock.until(everyMs);
    await clock.advance(10 * everyMs);
    expect(asked).toEqual([]);
    isWriting = false;
    await reads(1);
  });

  it('gives up what the gateway does not tell, until the next look', async () => {
    await put(ours, 'a.http', '10.0.0.1');
    await put(ours, 'b.http', '10.0.0.2');
    await look();
    yz7.faults.nonsense(true);
    await reads(1);
    yz7.faults.nonsense(false);
    await look();
    await reads(2);
    expect(asked).toEqual(['a.http', 'a.http', 'b.http']);
  });

  it('ends when it is told to', async () => {
    await put(ours, 'shop.http', '10.0.0.1');
    await look();
    await clock.until(everyMs);
    stop.abort();
    await clock.advance(everyMs);
    expect([asked, clock.waiting]).toEqual([[], []]);
  });
});
