import { describe, expect, it } from 'vitest';
import { decodeOrders, encodeOrders, noOrders } from '../../src/k8s-sync/orders.js';

const since = '2026-01-02T03:04:05.678Z';

describe('the standing orders of a Lease', () => {
  it.each([
    { revision: 1, freeze: { since, actor: 'ann', reason: 'the core switch "is" replaced' } },
    { revision: 7, freeze: { since } },
    { revision: 2, freeze: null },
    { revision: 2, freeze: null, traffic: null },
    { revision: 3, freeze: null, traffic: { percent: 0, since, actor: 'ann', reason: 'etcd' } },
    { revision: 3, freeze: { since }, traffic: { percent: null, since } },
  ])('come back as they were written: %j', (orders) => {
    expect(decodeOrders(encodeOrders(orders))).toEqual(orders);
  });

  it('say nothing where the annotation is not there', () => {
    expect(decodeOrders(undefined)).toBe(noOrders);
  });

  it.each([
    ['an empty text', '', 'it is no JSON'],
    ['a torn one', '{"revision":1,"freeze":nu', 'it is no JSON'],
    ['a list', '[]', 'revision'],
    ['no revision', '{"freeze":null}', 'revision'],
    ['the revision of no orders', '{"revision":0,"freeze":null}', 'revision'],
    ['a fraction', '{"revision":1.5,"freeze":null}', 'revision'],
    ['no word on a freeze', '{"revision":1}', 'freeze'],
    ['a freeze by a word', '{"revision":1,"freeze":true}', 'freeze'],
    ['no time', '{"revision":1,"freeze":{"actor":"ann"}}', 'freeze.since'],
    ['a time of its own', '{"revision":1,"freeze":{"since":"today"}}', 'freeze.since'],
    ['a drain by a word', '{"revision":1,"freeze":null,"traffic":0}', 'traffic'],
    [
      'all of the traffic',
      `{"revision":1,"freeze":null,"traffic":{"percent":100,"since":"${since}"}}`,
      'traffic.percent',
    ],
    [
      'part of a percent',
      `{"revision":1,"freeze":null,"traffic":{"percent":0.5,"since":"${since}"}}`,
      'traffic.percent',
    ],
    ['no percent', `{"revision":1,"freeze":null,"traffic":{"since":"${since}"}}`, 'traffic.percent'],
    ['an order that this version does not know', '{"revision":1,"freeze":null,"share":{"percent":0}}', 'share'],
  ])('can be read whole or not at all: %s', (_, annotation, place) => {
    expect(decodeOrders(annotation)).toContain(place);
  });
});
