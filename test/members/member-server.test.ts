import { describe, expect, it } from 'vitest';
import { groupOf, membersOfSlices, serverOf, upstreamOf } from '../../src/members/index.js';
import { decoded, endpoint, slice } from './slices.js';

const member = membersOfSlices([decoded(slice([endpoint(1)]))])[0]!;

describe('serverOf', () => {
  it('gives the gateway the address, the pod, the zone and the color', () => {
    expect(serverOf(member, 'up')).toEqual({
      ip: '10.0.0.1',
      port: 8030,
      weight: 100,
      state: 'up',
      uid: 'uid-1',
      zone: 'bc',
      labels: { color: 'stable' },
    });
  });

  it('names the service chain only where there is one: a server without sc is of the base', () => {
    expect(serverOf({ ...member, color: 'gray', sc: 'fix-1' }, 'up').labels).toEqual({ color: 'gray', sc: 'fix-1' });
    expect(Object.keys(serverOf(member, 'up').labels)).toEqual(['color']);
  });

  it('takes the state and the weight that it is told', () => {
    expect(serverOf(member, 'drain', 7)).toMatchObject({ state: 'drain', weight: 7 });
  });
});

describe('upstreamOf', () => {
  it('is the app and the port role', () => {
    expect(upstreamOf(member)).toBe('trade-core.http');
    expect(upstreamOf({ app: 'shop', role: 'rpc' })).toBe('shop.rpc');
  });
});

describe('groupOf', () => {
  const groups: readonly [Record<string, string>, string][] = [
    [{ color: 'stable' }, 'stable/'],
    [{ color: 'gray' }, 'gray/'],
    [{ color: 'stable', sc: 'fix-1' }, 'stable/fix-1'],
    [{}, 'stable/'],
  ];
  it.each(groups)('of labels %j is %s', (labels, group) => {
    expect(groupOf({ labels })).toBe(group);
  });

  it('is the same before and after a member becomes a server', () => {
    const { color, sc } = member;
    expect(groupOf(serverOf(member, 'up'))).toBe(`${color}/${sc}`);
  });
});
