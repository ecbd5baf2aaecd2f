import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewaySuiteCase } from './context.js';
import { base, refused, server, shown, suiteCase } from './writer.js';

export const readingCases: readonly GatewaySuiteCase[] = [
  suiteCase('reading', 'tells a source that is not there from one that is empty', async ({ writer }) => {
    const one = await writer();
    assert.equal(await one.shown(), undefined);
    assert.deepEqual(await one.gateway.readSources(one.source), []);
    await one.put([server(1)]);
    await one.put([]);
    assert.deepEqual(await one.shown(), []);
  }),

  suiteCase('reading', 'gives another process exactly what was written', async ({ writer, open, context }) => {
    const one = await writer();
    const servers = [
      server(1),
      server(2, { state: 'drain', zone: '' }),
      server(3, { weight: 7, labels: { sc: 'a.b' } }),
    ];
    const written = await one.put(servers);
    const elsewhere = await one.put([server(4)], undefined, context.upstreams[1]);
    const reader = open();
    const contents = await reader.readSources(one.source);
    const seen = contents.map(({ upstream, source, generation, revision, digest }) => [
      upstream,
      source,
      generation,
      revision,
      digest,
    ]);
    const expected = [
      [context.upstreams[0], one.source, String(base + 1n), written.revision, written.digest],
      [context.upstreams[1], one.source, String(base + 2n), elsewhere.revision, elsewhere.digest],
    ];
    assert.deepEqual(seen.sort(), expected.sort());
    const content = await reader.readSource(context.upstreams[0], one.source);
    assert.deepEqual(content && shown(content.servers), shown(servers));
    assert.deepEqual(contents.find(({ upstream }) => upstream === one.upstream)?.digest, content?.digest);
  }),

  suiteCase('reading', 'shows what requests meet: every source, an address once', async ({ writer, open }) => {
    const one = await writer();
    const far = await writer({ source: `k8s.far.suite-${randomBytes(5).toString('hex')}` });
    await one.put([server(1), server(2, { state: 'drain' }), server(3, { state: 'down' })]);
    await far.put([server(3, { uid: 'another-pod', weight: 7 }), server(4, { labels: { color: 'gray' } })]);
    const seen = await open().readEffective(one.upstream);
    const own = (seen?.servers ?? []).filter(({ sources }) =>
      [one.source, far.source].some((each) => sources.includes(each)),
    );
    const shares = (index: number): readonly string[] => [...(own[index]?.sources ?? [])].sort();
    own.sort((a, b) => a.ip.localeCompare(b.ip));
    const { idc } = one.gateway;
    const uid = (index: number): string => server(index).uid;
    assert.deepEqual(
      own.map((each) => [each.ip, each.uid, each.weight, each.state, each.zone, each.labels.color, each.idc]),
      [
        ['192.0.2.1', uid(1), 100, 'up', 'bc-1', 'stable', idc],
        ['192.0.2.2', uid(2), 100, 'drain', 'bc-1', 'stable', idc],
        ['192.0.2.3', 'another-pod', 7, 'up', 'bc-1', 'stable', 'far'],
        ['192.0.2.4', uid(4), 100, 'up', 'bc-1', 'gray', 'far'],
      ],
    );
    assert.deepEqual([shares(0), shares(2), shares(3)], [[one.source], [one.source, far.source].sort(), [far.source]]);
    const conflict = seen?.conflicts.find(({ address }) => address === '192.0.2.3:8030');
    assert.deepEqual(conflict?.sources, [
      { source: far.source, uid: 'another-pod', state: 'up' },
      { source: one.source, uid: server(3).uid, state: 'down' },
    ]);
    assert.equal(await open().readEffective(`none-${randomBytes(5).toString('hex')}.http`), undefined);
  }),

  suiteCase('confirming', 'has a write at every serving worker', async ({ writer }) => {
    const one = await writer();
    const { revision, storeId } = await one.settle([server(1)]);
    const status = await one.gateway.status();
    assert.equal(status.storeId, storeId);
    assert.ok(status.workers.length > 0, 'no worker serves');
    for (const worker of status.workers) assert.ok(worker.appliedRevision >= revision, `${worker.worker} lags behind`);
  }),

  suiteCase('confirming', 'says so when a revision does not come within the wait', async ({ writer }) => {
    const one = await writer();
    const { revision } = await one.settle([server(1)]);
    const began = performance.now();
    const status = await one.gateway.status({ minRevision: revision + 1_000_000, waitMs: 200 });
    assert.equal(status.applied, false);
    assert.ok(status.lagging.length > 0, 'nobody is named');
    assert.ok(performance.now() - began >= 150, 'it did not wait');
  }),

  suiteCase('confirming', 'waits for the worker that lags, and names it', async ({ writer, context }) => {
    if (context.stickWorker === undefined) return 'skipped';
    // Only then a client, lest its connection be that of the worker.
    const stuck = await context.stickWorker();
    try {
      const one = await writer();
      const { revision } = await one.put([server(1)]);
      const early = await one.gateway.status({ minRevision: revision, waitMs: 200 });
      assert.deepEqual([early.applied, early.lagging], [false, [stuck.worker]]);
      const late = one.gateway.status({ minRevision: revision, waitMs: 10_000 });
      await delay(100);
      await stuck.release();
      assert.equal((await late).applied, true);
    } finally {
      await stuck.release();
    }
    return 'passed';
  }),

  suiteCase(
    'restarts',
    'has another store after a restart, which knows of no claim and takes everything anew',
    async ({ writer, context }) => {
      if (context.restart === undefined) return 'skipped';
      const one = await writer();
      const { storeId } = await one.settle([server(1), server(2)]);
      await context.restart();
      assert.notEqual((await one.gateway.status()).storeId, storeId);
      assert.equal(await one.shown(), undefined);
      await refused(one.put([server(1), server(2)]), 'UNCLAIMED');
      await one.claim(base + 100n);
      await one.put([server(1), server(2)], base + 101n);
      assert.deepEqual(await one.shown(), shown([server(1), server(2)]));
      return 'passed';
    },
    { only: 'volatile' },
  ),

  suiteCase(
    'restarts',
    'keeps store, claim and servers over a restart',
    async ({ writer, context }) => {
      if (context.restart === undefined) return 'skipped';
      const one = await writer();
      const { storeId } = await one.settle([server(1), server(2)]);
      await context.restart();
      assert.equal((await one.gateway.status()).storeId, storeId);
      assert.deepEqual(await one.shown(), shown([server(1), server(2)]));
      await refused(one.claim(base - 1n), 'STALE_GENERATION');
      return 'passed';
    },
    { unless: 'volatile' },
  ),
];
