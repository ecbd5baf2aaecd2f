import { describe, expect, it } from 'vitest';
import { AddressJoin } from '../../src/k8s-sync/address-join.js';
import type { SliceChange } from '../../src/k8s-sync/core/index.js';
import type { EndpointSliceRecord } from '../../src/members/index.js';

const network = 'trade.macvlan';
const slice = (uids: readonly string[], inNetwork = true): EndpointSliceRecord => ({
  namespace: 'trade',
  service: 'trade-core',
  app: 'trade-core',
  color: 'stable',
  sc: '',
  ...(inNetwork ? { network } : {}),
  ports: [{ role: 'http', port: 8030 }],
  endpoints: uids.map((uid) => ({
    ip: `10.244.0.${uid}`,
    uid,
    pod: `trade-core-${uid}`,
    node: 'node-1',
    zone: '',
    ready: true,
    serving: true,
    terminating: false,
  })),
});
const pod = (uid: string) => ({ uid, addresses: { [network]: `10.77.0.${uid}` } });
const listed = (slices: Record<string, EndpointSliceRecord>): SliceChange => ({
  kind: 'replaced',
  slices,
  resourceVersion: '5',
});
const changed = (key: string, record: EndpointSliceRecord): SliceChange => ({
  kind: 'upserted',
  key,
  slice: record,
  resourceVersion: '6',
});
const connected: SliceChange = { kind: 'connected' };
/** What the core hears: each change's kind with its addresses. */
const heard = (changes: readonly SliceChange[]): string[] =>
  changes.map((change) => {
    const slices =
      change.kind === 'replaced' ? Object.values(change.slices) : change.kind === 'upserted' ? [change.slice] : [];
    return [change.kind, ...slices.flatMap(({ endpoints }) => endpoints.map(({ ip }) => ip))].join(' ');
  });

describe('AddressJoin', () => {
  it('lets slices without a second network pass at once, and asks for no pods', () => {
    const join = new AddressJoin();
    const list = listed({ a: slice(['1'], false) });
    expect(join.slices([list, connected])).toEqual([list, connected]);
    expect(join.needsPods).toBe(false);
  });

  it('holds a list with a second network, and all that follows, until the pods were listed', () => {
    const join = new AddressJoin();
    expect(join.slices([listed({ a: slice(['1']), b: slice(['9'], false) }), connected])).toEqual([]);
    expect(join.needsPods).toBe(true);
    expect(join.slices([changed('a', slice(['1', '2']))])).toEqual([]);
    expect(heard(join.pods({ kind: 'replaced', pods: [pod('1'), pod('2')] }))).toEqual([
      'replaced 10.77.0.1 10.244.0.9',
      'connected',
      'upserted 10.77.0.1 10.77.0.2',
      'upserted 10.77.0.1 10.77.0.2',
    ]);
  });

  it('never holds other slices for the first one that names a second network', () => {
    const join = new AddressJoin();
    join.slices([listed({ b: slice(['9'], false) }), connected]);
    expect(join.slices([changed('a', slice(['1']))])).toEqual([]);
    expect(heard(join.slices([changed('b', slice(['8'], false))]))).toEqual(['upserted 10.244.0.8']);
    expect(heard(join.pods({ kind: 'replaced', pods: [pod('1')] }))).toEqual(['upserted 10.77.0.1']);
  });

  it('publishes a pod when its address is known, and not by another address', () => {
    const join = new AddressJoin();
    join.slices([listed({ a: slice(['1']) })]);
    join.pods({ kind: 'replaced', pods: [pod('1')] });
    expect(heard(join.slices([changed('a', slice(['1', '2']))]))).toEqual(['upserted 10.77.0.1']);
    expect(heard(join.pods({ kind: 'upserted', pod: pod('2') }))).toEqual(['upserted 10.77.0.1 10.77.0.2']);
  });

  it('gives what a pod changes no version: with the slice’s own it would count as seen already', () => {
    const join = new AddressJoin();
    join.slices([listed({ a: slice(['1']) })]);
    join.pods({ kind: 'replaced', pods: [] });
    expect(join.pods({ kind: 'upserted', pod: pod('1') })).toMatchObject([{ kind: 'upserted', resourceVersion: '' }]);
  });

  it('keeps an address for as long as a slice names the pod, whatever a list of pods lacks', () => {
    const join = new AddressJoin();
    join.slices([listed({ a: slice(['1', '2']) })]);
    join.pods({ kind: 'replaced', pods: [pod('1'), pod('2')] });
    expect(heard(join.pods({ kind: 'replaced', pods: [pod('2')] }))).toEqual(['upserted 10.77.0.1 10.77.0.2']);
    join.slices([changed('a', slice(['2']))]);
    join.pods({ kind: 'replaced', pods: [pod('2')] });
    expect(heard(join.slices([changed('a', slice(['1', '2']))]))).toEqual(['upserted 10.77.0.2']);
  });

  it('says nothing of a pod in no slice, nor of a slice that is gone', () => {
    const join = new AddressJoin();
    join.slices([listed({ a: slice(['1']) })]);
    join.pods({ kind: 'replaced', pods: [pod('1')] });
    expect(join.pods({ kind: 'upserted', pod: pod('7') })).toEqual([]);
    const gone: SliceChange = { kind: 'removed', key: 'a', resourceVersion: '7' };
    expect(join.slices([gone])).toEqual([gone]);
    expect(join.pods({ kind: 'upserted', pod: pod('1') })).toEqual([]);
  });
});
