import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeOrders, ordersAnnotation } from '../../src/k8s-sync/orders.js';
import { StandingOrders } from '../../src/k8s-sync/standing-orders.js';
import { KubeError } from '../../src/kube/index.js';
import { FakeClock } from '../kube/fake-clock.js';
import { good, LeaseApi, type Trip } from '../kube/lease-api.js';

const ann = { actor: 'ann', reason: 'the core switch is replaced' };
const since = '2026-01-02T03:04:05.678Z';
const cut: Trip = { ...good, error: new KubeError('KUBE_UNREACHABLE', 'no route') };

interface Holder {
  readonly orders: StandingOrders;
  /** `freeze`, `freeze from lease: reason`. */
  readonly told: string[];
  readonly logged: string[];
  trip: () => Trip;
  /** Sees the Lease as it is, as with a renewal. */
  look(): void;
}

describe('standing orders', () => {
  let api: LeaseApi;
  let ends: AbortController;
  beforeEach(() => {
    api = new LeaseApi(new FakeClock());
    ends = new AbortController();
    lease({});
  });
  afterEach(() => ends.abort());

  function lease(annotations: Readonly<Record<string, string>>): void {
    api.lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'default', name: 'k8s-sync', resourceVersion: '1', annotations },
      spec: { holderIdentity: 'somebody' },
    };
  }
  const kept = (): unknown => JSON.parse(api.lease?.metadata.annotations?.[ordersAnnotation] ?? 'null') as unknown;

  function holder(): Holder {
    const told: string[] = [];
    const logged: string[] = [];
    const log = (_: object, message: string): void => void logged.push(message);
    const self: Holder = {
      told,
      logged,
      trip: () => good,
      look: () => self.orders.observed(api.lease?.metadata.annotations ?? {}),
      orders: new StandingOrders({
        cluster: { name: 'bc-a', ...api.client('a', () => self.trip()) },
        lease: { namespace: 'default', name: 'k8s-sync' },
        signal: ends.signal,
        logger: { info: log, warn: log, error: log },
        onOrder: ({ from, reason, ...order }) => {
          const what = order.type === 'traffic' ? `traffic ${order.percent}` : order.type;
          told.push([what, ...(from ? [`from ${from}`] : []), ...(reason ? [reason] : [])].join(' '));
        },
      }),
    };
    return self;
  }

  it('are written beside what the Lease has, and read by everyone, once', async () => {
    const [one, other] = [holder(), holder()];
    lease({ 'youzan-kube.youzan.com/epoch': '4' });
    expect(await one.orders.freeze(ann)).toEqual({ kept: 'lease' });
    expect(kept()).toMatchObject({ revision: 1, freeze: ann });
    expect(api.lease).toMatchObject({
      metadata: { annotations: { 'youzan-kube.youzan.com/epoch': '4' } },
      spec: { holderIdentity: 'somebody' },
    });
    for (const each of [one, other, one, other]) each.look();
    expect(one.told).toEqual([`freeze ${ann.reason}`]);
    expect(other.told).toEqual([`freeze from lease ${ann.reason}`]);
    expect(await other.orders.unfreeze({ actor: 'bob' })).toEqual({ kept: 'lease' });
    expect(kept()).toEqual({ revision: 2, freeze: null });
    for (const each of [one, other]) each.look();
    expect(one.told).toEqual([`freeze ${ann.reason}`, 'unfreeze from lease']);
    expect(other.told).toEqual([`freeze from lease ${ann.reason}`, 'unfreeze']);
  });

  it('are written again where somebody else was faster, and no more than five times', async () => {
    const one = holder();
    let races = 0;
    const race = (most: number) => (): Trip => {
      // The second call of each try is the write.
      if ((races += 1) % 2 === 0 && races / 2 <= most) api.edit((present) => present);
      return good;
    };
    one.trip = race(4);
    expect(await one.orders.freeze(ann)).toEqual({ kept: 'lease' });
    expect(races).toBe(10);
    races = 0;
    one.trip = race(100);
    await expect(one.orders.unfreeze({})).rejects.toMatchObject({ code: 'ORDERS_NOT_WRITTEN', path: 'bc-a' });
    expect(races).toBe(10);
    expect(kept()).toMatchObject({ freeze: ann });
  });

  it('hold in the process that got them while the Lease can’t be written, which then is written', async () => {
    const one = holder();
    one.trip = () => cut;
    expect(await one.orders.freeze(ann)).toEqual({ kept: 'process' });
    expect(one.told).toEqual([`freeze ${ann.reason}`]);
    expect(kept()).toBeNull();
    await expect(one.orders.unfreeze({})).rejects.toMatchObject({ code: 'ORDERS_NOT_WRITTEN' });
    one.trip = () => good;
    one.look();
    await vi.waitFor(() => expect(kept()).toMatchObject({ revision: 1, freeze: ann }));
    one.look();
    expect(one.told).toEqual([`freeze ${ann.reason}`]);
  });

  it.each([
    ['was made anew', {}],
    ['is older, since etcd was restored', { [ordersAnnotation]: encodeOrders({ revision: 1, freeze: null }) }],
  ])('outlive a Lease that %s', async (_, annotations) => {
    const one = holder();
    const orders = { revision: 3, freeze: { ...ann, since } };
    lease({ [ordersAnnotation]: encodeOrders(orders) });
    one.look();
    lease(annotations);
    one.look();
    await vi.waitFor(() => expect(kept()).toEqual(orders));
    expect(one.told).toEqual([`freeze from lease ${ann.reason}`]);
  });

  it('count as a freeze while they can’t be read, are said once, and are left as they are until an operator’s word', async () => {
    const one = holder();
    lease({ [ordersAnnotation]: '{"revision":9,"halt":true}' });
    one.look();
    one.look();
    expect(one.told).toEqual([
      expect.stringMatching(/^freeze from lease .*can't be read/),
      expect.stringMatching(/^traffic null from lease .*can't be read/),
    ]);
    expect(one.logged).toHaveLength(1);
    expect(kept()).toEqual({ revision: 9, halt: true });
    await one.orders.unfreeze({ actor: 'ann' });
    expect(kept()).toMatchObject({ revision: 1, freeze: null, traffic: { percent: null } });
    one.look();
    expect(one.told.slice(2)).toEqual(['unfreeze']);
    const next = holder();
    next.look();
    expect(next.told).toEqual([expect.stringMatching(/^traffic null from lease/)]);
    await one.orders.traffic(100, ann);
    next.look();
    expect(next.told[1]).toBe('traffic 100 from lease');
  });

  it('keep an order on the traffic beside a freeze, for everyone, until a word takes it back', async () => {
    const [one, other] = [holder(), holder()];
    expect(await one.orders.traffic(0, ann)).toEqual({ kept: 'lease' });
    expect(await other.orders.freeze({ actor: 'bob' })).toEqual({ kept: 'lease' });
    expect(kept()).toMatchObject({ revision: 2, freeze: { actor: 'bob' }, traffic: { percent: 0, ...ann } });
    for (const each of [one, other]) each.look();
    expect(one.told).toEqual([`traffic 0 ${ann.reason}`, 'freeze from lease']);
    expect(other.told).toEqual(['freeze', `traffic 0 from lease ${ann.reason}`]);
    await other.orders.unfreeze({});
    await other.orders.traffic(100, {});
    expect(kept()).toEqual({ revision: 4, freeze: null, traffic: null });
    for (const each of [one, other]) each.look();
    expect(one.told.slice(2)).toEqual(['unfreeze from lease', 'traffic 100 from lease']);
    expect(other.told.slice(2)).toEqual(['unfreeze', 'traffic 100']);
  });

  it('refuse an order on the traffic that the Lease can’t keep', async () => {
    const one = holder();
    one.trip = () => cut;
    await expect(one.orders.traffic(0, ann)).rejects.toMatchObject({ code: 'ORDERS_NOT_WRITTEN', path: 'bc-a' });
    one.trip = () => good;
    one.look();
    expect([one.told, kept()]).toEqual([[], null]);
  });

  it('leave a drain that is known as it is while they can’t be read', async () => {
    const one = holder();
    await one.orders.traffic(0, ann);
    lease({ [ordersAnnotation]: '{' });
    one.look();
    expect(one.told).toEqual([`traffic 0 ${ann.reason}`, expect.stringMatching(/^freeze from lease/)]);
  });

  it('write a drain again that a version without it has left out', async () => {
    const one = holder();
    await one.orders.traffic(0, ann);
    lease({ [ordersAnnotation]: encodeOrders({ revision: 1, freeze: null }) });
    one.look();
    await vi.waitFor(() => expect(kept()).toMatchObject({ revision: 1, traffic: { percent: 0 } }));
    expect(one.told).toEqual([`traffic 0 ${ann.reason}`]);
  });

  it('stay a freeze when an order on the traffic is written over what can’t be read', async () => {
    const one = holder();
    lease({ [ordersAnnotation]: '{' });
    await one.orders.traffic(0, ann);
    expect(kept()).toMatchObject({ freeze: { reason: expect.stringContaining("can't be read") as string } });
    one.look();
    expect(one.told).toEqual([`traffic 0 ${ann.reason}`, expect.stringMatching(/^freeze from lease/)]);
  });
});
