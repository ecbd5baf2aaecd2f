import { describe, expect, it } from 'vitest';
import { statusText } from '../../src/cli/sync/status.js';
import { tellDuration } from '../../src/cli/sync/table.js';
import type { SyncHoldStatus, SyncStatus, SyncUpstreamStatus } from '../../src/k8s-sync/index.js';

const upstream = (index: number, up = 2): SyncUpstreamStatus => ({
  upstream: `app-${index}.http`,
  members: 2,
  ready: 2,
  held: 0,
  gateways: [{ gateway: 'bc-1', up, drain: 0, down: 0, writing: false, unconfirmed: 0, lastError: null }],
});
const status: SyncStatus = {
  cluster: 'bc-a',
  source: 'k8s.bc.bc-a',
  writer: 'me',
  phase: 'live',
  phaseForMs: 61_000,
  phaseReason: 'heartbeat',
  frozenByOperator: null,
  traffic: null,
  leader: true,
  epoch: 4,
  heartbeatAgeMs: 300,
  nodes: { sight: 'seen', known: 9, lost: [] },
  gateways: [],
  upstreams: [],
  holds: [],
  conflicts: [],
};
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

describe('the tables of status', () => {
  it('have no empty ones', () => {
    expect(statusText([status])).toBe(
      `CLUSTER  PHASE  FOR   HEARTBEAT  LEADS    NODES  FROZEN  WHY
bc-a     live   1m1s  300ms ago  epoch 4  9      -       heartbeat
`,
    );
  });

  it.each([
    [{ sight: 'seen', known: 9, lost: ['n1', 'n2', 'n3'] }, '3 of 9 lost'],
    [{ sight: 'unseen', known: 0, lost: [] }, 'unseen'],
  ] as const)('say how the nodes stand: %j', (nodes, what) => {
    expect(statusText([{ ...status, nodes }])).toContain(`epoch 4  ${what} `);
  });

  it('show all upstreams where a person can read them', () => {
    expect(statusText([{ ...status, upstreams: many(40, upstream) }]).match(/^bc-a +app-/gm)).toHaveLength(40);
  });

  it('show of many upstreams those where something is under way or wrong, and say what is left out', () => {
    const upstreams = many(5000, (index) => upstream(index, index === 7 ? 1 : 2));
    const text = statusText([{ ...status, upstreams }]);
    expect(text.match(/^bc-a +app-.*$/gm)).toEqual([
      'bc-a     app-7.http  2/2    bc-1     1   0      0     0            -',
    ]);
    expect(text).toContain('4999 rows are not shown, 4999 of all are settled: --json has all');
  });

  it('name addresses of several sources, and say how many more there are', () => {
    const sources = [
      { source: 'vm.bc', uid: 'v', state: 'up' },
      { source: 'k8s.bc.bc-a', uid: 'p', state: 'drain' },
    ] as const;
    const conflicts = many(42, (index) => {
      return { gateway: 'bc-1', upstream: 'shop.http', address: `10.0.0.${index}:8030`, sources };
    });
    const text = statusText([{ ...status, conflicts }]);
    expect(text).toContain('bc-a     shop.http  bc-1     10.0.0.39:8030  vm.bc up, k8s.bc.bc-a drain\n');
    expect(text).not.toContain('10.0.0.40:8030');
    expect(text).toContain('2 more addresses are of several sources: --json has all');
  });

  it('show the first of many servers that are held', () => {
    const servers = many(200_000, (index) => ({ address: `10.0.0.1:${index}`, pod: null, doubt: null, proof: null }));
    const hold: SyncHoldStatus = { upstream: 'a.http', color: 'gray', sc: 'f1', guard: 'shrink', forMs: 0, servers };
    const text = statusText([{ ...status, holds: [hold] }]);
    expect(text).toMatch(/^bc-a +a\.http +gray\/f1 +shrink +0ms +10\.0\.0\.1:0 +- +not looked up yet$/m);
    expect(text).toContain('199960 more servers are held: --json has all');
  });

  it('say who took a cluster out of traffic, and why', () => {
    const table = (percent: number | null): string | undefined =>
      statusText([{ ...status, traffic: { percent, forMs: 5000, actor: 'ann', reason: 'work' } }]).split('\n\n')[1];
    expect(table(0)).toBe('CLUSTER  TRAFFIC  FOR  BY   REASON\nbc-a     0 %      5s   ann  work\n');
    expect(table(null)).toContain('bc-a     as it was  5s');
  });

  it('say who froze a cluster, as far as it was said', () => {
    const frozen = (word: object): string =>
      statusText([{ ...status, frozenByOperator: { forMs: 5000, ...word } }]).split('\n')[1] ?? '';
    expect(frozen({ actor: 'ann', reason: 'work' })).toContain(' 5s by ann: work ');
    expect(frozen({})).toMatch(/ 5s {2,}heartbeat$/);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [12_300, '12s'],
    [192_000, '3m12s'],
    [7_500_000, '2h5m'],
    [273_600_000, '3d4h'],
  ])('of %d ms is %s', (ms, text) => expect(tellDuration(ms)).toBe(text));
});
