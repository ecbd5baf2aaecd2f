import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syncGuards } from '../../../src/k8s-sync/core/index.js';
import { serverChange } from '../../../src/k8s-sync/servers/server-change.js';
import { isServing, type Server, serverAddress, serverKey } from '../../../src/members/index.js';

const at = (last: number, more: Partial<Server> = {}): Server => ({
  ip: `10.0.0.${last}`,
  port: 8030,
  weight: 100,
  state: 'up',
  uid: '',
  zone: '',
  labels: { color: 'stable' },
  ...more,
});
const addresses = (...last: readonly number[]): string[] => last.map((one) => `10.0.0.${one}:8030`);
const states = (servers: readonly Server[]): string[] =>
  servers.map((one) => `${serverAddress(one)} ${one.state}`).sort();

describe('the way from the servers that are there to the wanted ones', () => {
  it('adds first, drains what leaves, then deletes it', () => {
    const { lists, ...said } = serverChange([at(1), at(2)], [at(2), at(3)], syncGuards);
    expect(said).toEqual({
      add: addresses(3),
      change: [],
      drain: addresses(1),
      remove: addresses(1),
      held: null,
    });
    expect(lists.map(states)).toEqual([
      ['10.0.0.1:8030 up', '10.0.0.2:8030 up', '10.0.0.3:8030 up'],
      ['10.0.0.1:8030 drain', '10.0.0.2:8030 up', '10.0.0.3:8030 up'],
      ['10.0.0.2:8030 up', '10.0.0.3:8030 up'],
    ]);
  });

  it('lets nothing stop serving before what comes is there, whatever makes it stop', () => {
    const wanted = [at(1, { state: 'drain' }), at(2, { weight: 0 }), at(3, { labels: { color: 'gray' } }), at(4)];
    const { lists, change } = serverChange([at(1), at(2), at(3)], wanted, syncGuards);
    expect(lists[0]).toEqual([at(1), at(2), at(3), at(4)]);
    expect(lists[1]).toEqual(wanted);
    expect(change).toEqual(addresses(1, 2, 3));
  });

  it('goes on after a call that ended between drain and delete', () => {
    const { lists, drain, remove, held } = serverChange([at(1, { state: 'drain' }), at(2)], [at(2)], syncGuards);
    expect(lists[1]).toEqual([at(2), at(1, { state: 'drain' })]);
    expect({ drain, remove, held }).toEqual({ drain: [], remove: addresses(1), held: null });
  });

  const guarded: readonly [string, readonly Server[], readonly Server[], object | null][] = [
    ['the last one', [at(1)], [], { guard: 'empty', servers: addresses(1) }],
    [
      'all, though others come to another color',
      [at(1)],
      [at(2, { labels: { color: 'gray' } })],
      { guard: 'empty', servers: addresses(1) },
    ],
    ['all by a weight of 0', [at(1)], [at(1, { weight: 0 })], { guard: 'empty', servers: addresses(1) }],
    ['all by a state', [at(1)], [at(1, { state: 'down' })], { guard: 'empty', servers: addresses(1) }],
    [
      'more than half',
      [1, 2, 3, 4, 5].map((one) => at(one)),
      [at(4), at(5)],
      { guard: 'shrink', servers: addresses(1, 2, 3) },
    ],
    ['half', [1, 2, 3, 4, 5, 6].map((one) => at(one)), [at(4), at(5), at(6)], null],
    ['two, whatever their share', [1, 2, 3].map((one) => at(one)), [at(3)], null],
    ['what did not serve', [at(1), at(2, { state: 'down' })], [at(1)], null],
    ['all, where as many come', [at(1), at(2), at(3)], [at(4), at(5), at(6)], null],
  ];
  it.each(guarded)('guards the removal of %s', (_, present, wanted, held) => {
    expect(serverChange(present, wanted, syncGuards).held).toEqual(held);
  });

  it('never has fewer serving servers on the way than at its worse end, and ends at what is wanted', () => {
    const server = fc.record({
      last: fc.integer({ min: 1, max: 6 }),
      state: fc.constantFrom('up', 'drain', 'down'),
      weight: fc.constantFrom(0, 100),
    });
    const list = fc
      .uniqueArray(server, { selector: ({ last }) => last })
      .map((all) => all.map(({ last, ...more }) => at(last, more as Partial<Server>)));
    const serving = (servers: readonly Server[]): number => servers.filter(isServing).length;
    fc.assert(
      fc.property(list, list, (present, wanted) => {
        const { lists } = serverChange(present, wanted, syncGuards);
        expect(serving(lists[0])).toBeGreaterThanOrEqual(Math.max(serving(present), serving(wanted)));
        expect(serving(lists[1])).toBe(serving(wanted));
        expect(lists[2]).toEqual(wanted);
        // What serves is drained before it is deleted.
        const kept = new Set(wanted.map(serverKey));
        const gone = lists[1].filter((one) => !kept.has(serverKey(one)));
        expect(gone.filter(({ state }) => state === 'up')).toEqual([]);
        expect(
          lists.slice(0, 2).every((all) => present.every((one) => all.some((x) => serverKey(x) === serverKey(one)))),
        ).toBe(true);
      }),
    );
  });
});
