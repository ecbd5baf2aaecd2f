// Events about guards at the API of the embedded cluster, by a clock that a test moves.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuardEvents } from '../../../src/k8s-sync/guard-events/index.js';
import type { HeldService } from '../../../src/k8s-sync/guard-events/held-services.js';
import { createKubeClient, credentialsFromKubeconfig, type KubeClient, resources } from '../../../src/kube/index.js';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../../src/testing/index.js';
import { FakeClock } from '../../kube/fake-clock.js';

const wait = { timeout: 5000, interval: 20 };
const settleMs = 2000;

describe('GuardEvents', () => {
  let cluster: EmbeddedCluster;
  let client: KubeClient;
  let clock: FakeClock;
  let namespace: string;
  let namespaces = 0;
  /** By upstream: what is held now. */
  const held = new Map<string, HeldService>();
  const asked: string[] = [];
  const said: string[] = [];
  const started: { readonly stop: AbortController; readonly events: GuardEvents }[] = [];

  const start = (): GuardEvents => {
    const stop = new AbortController();
    const log = (_: object, message: string): void => void said.push(message);
    const events = new GuardEvents({
      cluster: client,
      writer: 'me',
      clock,
      signal: stop.signal,
      logger: { info: log, warn: log, error: log },
      held: ({ upstream }) => {
        asked.push(upstream);
        return [held.get(upstream) ?? []].flat();
      },
    });
    started.push({ stop, events });
    return events;
  };
  const hold = (upstream: string, change: Partial<HeldService> = {}): void =>
    void held.set(upstream, {
      namespace,
      service: 'shop',
      upstream,
      guard: 'empty',
      addresses: ['10.0.0.1:8030'],
      ...change,
    });
  const trip = async (events: GuardEvents, upstream = 'shop.http'): Promise<void> => {
    events.tripped({ upstream, group: 'stable' });
    await clock.until(settleMs);
    await clock.advance(settleMs);
  };
  const written = async () => (await client.list(resources.events, { namespace })).items;
  const eventually = (...counts: readonly number[]): Promise<void> =>
    vi.waitFor(async () => expect((await written()).map(({ count }) => count)).toEqual(counts), wait);
  const makeNamespace = async (): Promise<void> => {
    namespace = `guards-${(namespaces += 1)}`;
    const metadata = { name: 'shop', namespace };
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await client.create(resources.services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [{ port: 80 }] },
    });
  };

  beforeAll(async () => {
    cluster = await startEmbeddedCluster({ name: 'bc-a' });
    const credentials = credentialsFromKubeconfig({ cluster: 'bc-a', text: cluster.kubeconfig });
    client = createKubeClient({ name: 'bc-a', credentials });
  });
  afterAll(async () => {
    await client.close();
    await cluster.stop();
  });
  beforeEach(async () => {
    clock = new FakeClock();
    held.clear();
    said.length = asked.length = 0;
    await makeNamespace();
  });
  afterEach(async () => {
    for (const { stop, events } of started.splice(0)) {
      stop.abort();
      await events.ended();
    }
  });

  it('warns on the Service of what is held, and names the way out', async () => {
    hold('shop.http', { addresses: Array.from({ length: 12 }, (_, index) => `10.0.0.${index + 1}:8030`) });
    await trip(start());
    await eventually(1);
    const { metadata } = await client.get(resources.services, { namespace, name: 'shop' });
    const [event] = await written();
    expect(event).toMatchObject({
      involvedObject: { apiVersion: 'v1', kind: 'Service', namespace, name: 'shop', uid: metadata.uid },
      type: 'Warning',
      reason: 'TrafficGuard',
      source: { component: 'k8s-sync' },
    });
    expect(event!['message']).toMatch(
      /^the empty guard keeps in traffic 10\.0\.0\.1:8030, .*10\.0\.0\.10:8030 and 2 more of shop\.http in bc-a;/,
    );
    expect(event!['message']).toMatch(
      /youzan-kube sync status .*youzan-kube sync override shop\.http --reason … lets them go$/,
    );
  });

  it('tells nothing of what ended by itself within two seconds, nor of a Service that is gone', async () => {
    hold('gone.http', { service: 'gone' });
    hold('shop.http');
    const events = start();
    events.tripped({ upstream: 'ended.http', group: 'stable' });
    events.tripped({ upstream: 'gone.http', group: 'stable' });
    await trip(events);
    await eventually(1);
    expect(asked).toEqual(['ended.http', 'gone.http', 'shop.http']);
    expect(said).toEqual([]);
  });

  it('counts up one Event for each guard of a Service, whoever writes it', async () => {
    hold('shop.http');
    const first = start();
    await trip(first);
    await eventually(1);
    first.tripped({ upstream: 'shop.http', group: 'stable' });
    hold('shop.http', { addresses: ['10.0.0.2:8030'] });
    await trip(first);
    await eventually(3);
    expect((await written())[0]!['message']).toContain('keeps in traffic 10.0.0.2:8030 of');
    await trip(start());
    await eventually(4);
    hold('shop.http', { guard: 'shrink' });
    await trip(first);
    await vi.waitFor(async () => expect(await written()).toHaveLength(2), wait);
  });

  it('begins anew when the API has let an Event expire', async () => {
    hold('shop.http');
    const events = start();
    await trip(events);
    await eventually(1);
    const [{ metadata } = { metadata: { name: '' } }] = await written();
    await client.delete(resources.events, { namespace, name: metadata.name });
    await eventually();
    await trip(events);
    await eventually(1);
  });

  it('writes so many at once, and then one a second', async () => {
    const events = start();
    for (let index = 0; index < 27; index += 1) {
      hold(`app-${index}.http`);
      events.tripped({ upstream: `app-${index}.http`, group: 'stable' });
    }
    const eventuallyHas = (count: number): Promise<void> =>
      vi.waitFor(async () => expect(await written()).toHaveLength(count), wait);
    await clock.until(settleMs);
    await clock.advance(settleMs);
    await clock.until(1000);
    expect(await written()).toHaveLength(25);
    await clock.advance(1000);
    await clock.until(1000);
    expect(await written()).toHaveLength(26);
    await clock.advance(1000);
    await eventuallyHas(27);
  });

  it('keeps no more than a thousand in its queue', async () => {
    const events = start();
    for (let index = 0; index < 1001; index += 1) events.tripped({ upstream: `app-${index}.http`, group: 'stable' });
    await clock.advance(settleMs);
    expect(asked).toHaveLength(1000);
    expect(asked).not.toContain('app-1000.http');
  });

  it('leaves out what the API does not take, and says so once, until one gets through', async () => {
    hold('shop.http');
    const events = start();
    const refuse = async (): Promise<void> => {
      const asking = asked.length;
      cluster.faults.failNext(1, { status: 500, method: 'POST', path: /\/events$/ });
      await trip(events);
      await vi.waitFor(() => expect(asked.length).toBeGreaterThan(asking), wait);
      await events.ended();
    };
    await refuse();
    await refuse();
    const words = `${namespace}/shop: the Event about a guard can't be written; it is left out`;
    expect(said).toEqual([words]);
    await trip(events);
    await eventually(1);
    await client.delete(resources.events, { namespace, name: (await written())[0]!.metadata.name });
    await refuse();
    expect(said).toEqual([words, words]);
  });

  it('is off for ten minutes where it may not write, and says so once', async () => {
    hold('shop.http');
    const events = start();
    cluster.faults.failNext(1, { status: 403, method: 'POST', path: /\/events$/ });
    await trip(events);
    await events.ended();
    await trip(events);
    await events.ended();
    expect(said).toHaveLength(1);
    expect(await written()).toEqual([]);
    const refused = namespace;
    await makeNamespace();
    hold('other.http');
    await trip(events, 'other.http');
    await eventually(1);
    namespace = refused;
    await clock.advance(600_000);
    await trip(events);
    await eventually(1);
  });

  it('ends with what waits left out', async () => {
    hold('shop.http');
    const events = start();
    events.tripped({ upstream: 'shop.http', group: 'stable' });
    started[0]!.stop.abort();
    await events.ended();
    events.tripped({ upstream: 'shop.http', group: 'stable' });
    expect([asked, clock.waiting]).toEqual([[], []]);
  });
});
