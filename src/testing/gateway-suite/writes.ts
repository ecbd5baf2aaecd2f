import assert from 'node:assert/strict';
import { digestOf } from '../../members/index.js';
import type { GatewaySuiteCase } from './context.js';
import { base, refused, server, shown, suiteCase } from './writer.js';

export const writeCases: readonly GatewaySuiteCase[] = [
  suiteCase('writes', 'replaces all servers of the source', async ({ writer }) => {
    const one = await writer();
    const first = await one.put([server(1), server(2)]);
    assert.deepEqual([first.changed, first.added, first.removed], [true, 2, 0]);
    const second = await one.put([server(2), server(3), server(4)]);
    assert.deepEqual([second.changed, second.added, second.removed], [true, 2, 1]);
    assert.ok(second.revision > first.revision, 'a change has a greater revision');
    assert.equal(second.digest, digestOf([server(4), server(3), server(2)]));
    assert.deepEqual(await one.shown(), shown([server(2), server(3), server(4)]));
  }),

  suiteCase('writes', 'leaves the other sources of the upstream alone', async ({ writer }) => {
    const one = await writer();
    const other = await writer();
    await one.put([server(1), server(2)]);
    await other.put([server(3)]);
    await one.put([]);
    assert.deepEqual(await other.shown(), shown([server(3)]));
    assert.deepEqual(await one.shown(), []);
    await other.put([server(3), server(1)]);
    assert.deepEqual(await one.shown(), []);
  }),

  suiteCase('writes', 'keeps state, weight, zone and labels, and changes them in place', async ({ writer }) => {
    const one = await writer();
    const steps = [
      server(1, { zone: '', labels: {} }),
      server(1, { labels: { color: 'gray', sc: 'pay-v2', 'youzan.com/app': 'trade-core' } }),
      server(1, { state: 'drain', weight: 70 }),
      server(1, { state: 'down', weight: 70 }),
      server(1, { state: 'up', weight: 0 }),
      server(1, { state: 'drain', weight: 0 }),
      server(1, { state: 'up', weight: 256 }),
    ];
    for (const step of steps) {
      const answer = await one.settle([step, server(2)]);
      assert.equal(answer.removed, 0);
      assert.deepEqual(await one.shown(), shown([step, server(2)]));
    }
  }),

  suiteCase('writes', 'takes the same address with another pod for another server', async ({ writer }) => {
    const one = await writer();
    await one.put([server(1)]);
    const next = server(1, { uid: 'another-pod' });
    const both = [server(1, { state: 'drain' }), next];
    assert.equal((await one.settle(both)).added, 1);
    assert.deepEqual(await one.shown(), shown(both));
    const alone = await one.settle([next]);
    assert.deepEqual([alone.added, alone.removed], [0, 1]);
    assert.deepEqual(await one.shown(), shown([next]));
  }),

  suiteCase('writes', 'holds IPv6 beside IPv4, and two ports of one pod', async ({ writer }) => {
    const one = await writer();
    const servers = [server(1), server(1, { port: 8100 }), server(2, { ip: '2001:db8::2' })];
    await one.settle(servers);
    assert.deepEqual(await one.shown(), shown(servers));
  }),

  suiteCase(
    'writes',
    'goes the whole way of a server: added, drained, deleted, and added again',
    async ({ writer }) => {
      const one = await writer();
      for (const servers of [
        [server(1), server(2)],
        [server(1, { state: 'drain' }), server(2)],
        [server(2)],
        [server(2), server(1)],
      ]) {
        await one.settle(servers);
        assert.deepEqual(await one.shown(), shown(servers));
      }
    },
  ),

  suiteCase('writes', 'answers a repeated write without a change', async ({ writer }) => {
    const one = await writer();
    const first = await one.put([server(1), server(2)]);
    const again = await one.put([server(2), server(1)], one.generation);
    assert.deepEqual(
      [again.changed, again.added, again.removed, again.revision, again.digest],
      [false, 0, 0, first.revision, first.digest],
    );
    const later = await one.put([server(1), server(2)]);
    assert.deepEqual([later.changed, later.digest], [false, first.digest]);
  }),

  suiteCase('writes', 'refuses the same generation with other servers, and a smaller one', async ({ writer }) => {
    const one = await writer();
    await one.put([server(1)], base + 5n);
    await refused(one.put([server(2)], base + 5n), 'GENERATION_CONFLICT');
    await refused(one.put([server(2)], base + 4n), 'STALE_GENERATION');
    assert.deepEqual(await one.shown(), shown([server(1)]));
  }),

  suiteCase('writes', 'takes 300 servers at once and lets them go', async ({ writer }) => {
    const one = await writer();
    const many = Array.from({ length: 300 }, (_, index) => server(1, { port: 9_000 + index, uid: `pod-${index}` }));
    await one.settle(many);
    assert.equal((await one.shown())?.length, 300);
    await one.settle([]);
    assert.deepEqual(await one.shown(), []);
  }),

  suiteCase('errors', 'refuses what is no server, and changes nothing', async ({ writer }) => {
    const one = await writer();
    await one.put([server(1)]);
    for (const wrong of [{ ip: '10.1.2' }, { port: 0 }, { weight: 1_001 }]) {
      await refused(one.put([server(1), server(2, wrong)]), 'INVALID_SERVER');
    }
    await refused(one.put([server(2), server(2)]), 'INVALID_SERVER');
    assert.deepEqual(await one.shown(), shown([server(1)]));
  }),

  suiteCase(
    'errors',
    'refuses an upstream that its configuration does not have',
    async ({ writer }) => {
      const one = await writer({ upstream: 'unheard-of.http' });
      await refused(one.put([server(1)]), 'NOT_FOUND');
      assert.equal(await one.shown(), undefined);
    },
    { only: 'fixed-upstreams' },
  ),

  suiteCase('errors', 'ends a call by its signal, and every call when it is closed', async ({ open }) => {
    const gateway = open();
    await refused(gateway.status(undefined, { signal: AbortSignal.abort() }), 'ABORTED');
    await gateway.close();
    await refused(gateway.status(), 'ABORTED');
  }),
];
