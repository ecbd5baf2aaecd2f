import { describe, expect, it } from 'vitest';
import type { SliceChange } from '../../src/k8s-sync/core/index.js';
import { inTurns } from '../../src/k8s-sync/first-list.js';
import type { EndpointSliceRecord } from '../../src/members/index.js';

const sliceOf = (endpoints: number): EndpointSliceRecord => ({
  namespace: 'trade',
  service: 'shop',
  app: 'shop',
  color: 'stable',
  sc: '',
  ports: [{ role: 'http', port: 8030 }],
  endpoints: Array.from({ length: endpoints }, (_, index) => ({
    ip: `10.0.0.${index}`,
    uid: `uid-${index}`,
    pod: `shop-${index}`,
    node: 'node',
    zone: 'zone',
    ready: true,
    serving: true,
    terminating: false,
  })),
});
const listOf = (count: number, endpoints: number): SliceChange => ({
  kind: 'replaced',
  slices: Object.fromEntries(Array.from({ length: count }, (_, at) => [`trade/shop-${at}`, sliceOf(endpoints)])),
  resourceVersion: '7',
});

describe('the first list', () => {
  it('comes whole when it fits into one turn', () => {
    const changes: SliceChange[] = [listOf(5, 100), { kind: 'connected' }];
    expect(inTurns(changes)).toEqual([changes]);
  });

  it('comes in parts of about a thousand endpoints, each slice once and without a version, and then whole', () => {
    const changes: SliceChange[] = [listOf(35, 100), { kind: 'connected' }];
    const turns = inTurns(changes);
    expect(turns).toHaveLength(5);
    expect(turns.at(-1)).toBe(changes);
    const parts = turns.slice(0, -1).flat();
    expect(parts.map((change) => ('key' in change ? change.key : change.kind))).toEqual(
      Array.from({ length: 35 }, (_, at) => `trade/shop-${at}`),
    );
    expect(parts).toSatisfy((all: SliceChange[]) =>
      all.every((change) => change.kind === 'upserted' && change.resourceVersion === ''),
    );
  });

  it('is as it is when it is empty', () => {
    const changes: SliceChange[] = [{ kind: 'replaced', slices: {}, resourceVersion: '7' }];
    expect(inTurns(changes)).toEqual([changes]);
  });
});
