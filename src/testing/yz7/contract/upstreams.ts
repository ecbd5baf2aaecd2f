import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { admin, done, isPutOff, items, json, refused } from './wire.js';
import { base, fresh, server, servers, Writer } from './writer.js';

const section = 'resources';

export const upstreamCases: readonly Yz7ContractCase[] = [
  {
    section,
    name: 'lists upstreams by prefix, page by page',
    run: async (context) => {
      const prefix = fresh('list');
      const names = ['c', 'a', 'e', 'b', 'd'].map((letter) => `${prefix}-${letter}.http`);
      for (const name of names) {
        const writer = await Writer.claimed(context, { upstream: name });
        done(await writer.put(servers(2)));
      }
      const seen: unknown[] = [];
      let next = '';
      let pages = 0;
      do {
        const page = done(await admin(context, 'GET', `/upstreams?prefix=${prefix}&limit=2${next}`), 200);
        for (const { name, revision, servers: count } of items(page.upstreams)) {
          assert.equal(count, 2);
          assert.ok(Number(revision) > 0);
          seen.push(name);
        }
        next = typeof page.continue === 'string' ? `&continue=${encodeURIComponent(page.continue)}` : '';
        pages += 1;
      } while (next !== '' && pages < 10);
      assert.deepEqual(seen, [...names].sort());
      assert.equal(pages, 3);
      return 'passed';
    },
  },
  {
    section,
    name: 'keeps the settings of an upstream, and makes one with defaults for a source',
    run: async (context) => {
      const name = `${fresh('app')}.http`;
      const path = `/upstreams/${name}`;
      refused(await admin(context, 'GET', path), 404, 'NOT_FOUND');
      const writer = await Writer.claimed(context, { upstream: name });
      done(await writer.put([server(1)]), 201);
      const defaults = await admin(context, 'GET', path);
      assert.equal(done(defaults, 200).lb, 'round_robin');
      assert.equal(json(defaults).slowStartMs, 0);
      done(await admin(context, 'PUT', path, { lb: 'round_robin', slowStartMs: 5_000 }), 200);
      const read = await admin(context, 'GET', path);
      assert.equal(json(read).slowStartMs, 5_000);
      const stale = { headers: { 'if-match': defaults.headers.etag ?? '' } };
      refused(await admin(context, 'PUT', path, { slowStartMs: 1 }, stale), 412, 'REVISION_MISMATCH');
      const present = { headers: { 'if-match': read.headers.etag ?? '' } };
      done(await admin(context, 'PUT', path, { slowStartMs: 1 }, present), 200);
      return 'passed';
    },
  },
  ...(['ewma', 'chash'] as const).map((lb): Yz7ContractCase => ({
    section,
    name: `keeps lb ${lb}`,
    refusable: true,
    run: async (context) => {
      const path = `/upstreams/${fresh('app')}.http`;
      const reply = await admin(context, 'PUT', path, { lb });
      if (isPutOff(reply)) return 'refused';
      done(reply, 201);
      assert.equal(json(await admin(context, 'GET', path)).lb, lb);
      return 'passed';
    },
  })),
  {
    section,
    name: 'keeps health checks',
    refusable: true,
    run: async (context) => {
      const path = `/upstreams/${fresh('app')}.http`;
      const health = { path: '/health', intervalMs: 1_000, timeoutMs: 500, fall: 3, rise: 2 };
      const reply = await admin(context, 'PUT', path, { health });
      if (isPutOff(reply)) return 'refused';
      done(reply, 201);
      assert.deepEqual(json(await admin(context, 'GET', path)).health, health);
      return 'passed';
    },
  },
  {
    section,
    name: 'deletes an upstream only without servers, and not the generations of its sources',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const path = `/upstreams/${writer.upstream}`;
      done(await writer.put([server(1, { state: 'down' })], { generation: base + 5n }));
      refused(await admin(context, 'DELETE', path), 409, 'UPSTREAM_IN_USE');
      done(await writer.put([], { generation: base + 6n }));
      done(await admin(context, 'DELETE', path), 200);
      refused(await admin(context, 'GET', path), 404, 'NOT_FOUND');
      refused(await admin(context, 'DELETE', path), 404, 'NOT_FOUND');
      refused(await writer.put([server(1)], { generation: base + 5n }), 409, 'STALE_GENERATION');
      done(await writer.put([server(1)], { generation: base + 7n }), 201);
      return 'passed';
    },
  },
  {
    section,
    name: "lists an upstream's sources with generation, digest and number of servers",
    run: async (context) => {
      const one = await Writer.claimed(context);
      const two = await Writer.claimed(context, { upstream: one.upstream });
      const first = done(await one.put(servers(2)));
      const second = done(await two.put([server(9)]));
      const reply = await admin(context, 'GET', `/upstreams/${one.upstream}/sources`);
      const seen = items(done(reply, 200).sources).map((entry) => [
        entry.source,
        entry.generation,
        entry.digest,
        entry.servers,
      ]);
      assert.equal(seen.length, 2);
      assert.deepEqual(
        new Map(seen.map((row) => [row[0], row])),
        new Map([
          [one.source, [one.source, first.generation, first.digest, 2]],
          [two.source, [two.source, second.generation, second.digest, 1]],
        ]),
      );
      refused(await admin(context, 'GET', `/upstreams/${fresh('none')}/sources`), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'shows the merged servers with their sources, narrowed by IDC, color and chain',
    run: async (context) => {
      const own = await Writer.claimed(context);
      const far = await Writer.claimed(context, { upstream: own.upstream, idc: 'elsewhere' });
      done(await own.put([server(1), server(2, { labels: { color: 'gray' } })]));
      done(await far.put([server(3), server(4, { labels: { color: 'stable', sc: 'chain-1' } })]));
      const path = `/upstreams/${own.upstream}/effective`;
      const addresses = async (query: string): Promise<unknown[]> => {
        const body = done(await admin(context, 'GET', `${path}${query}`), 200);
        return items(body.servers)
          .map(({ ip }) => ip)
          .sort();
      };
      const all = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
      assert.deepEqual(await addresses(''), all);
      assert.deepEqual(await addresses(`?idc=${context.idc}`), all.slice(0, 2));
      assert.deepEqual(await addresses('?color=gray'), [all[1]]);
      assert.deepEqual(await addresses('?sc=chain-1'), [all[3]]);
      assert.deepEqual(await addresses('?idc=elsewhere&color=stable&sc='), [all[2]]);
      const first = items(json(await admin(context, 'GET', path)).servers).find(({ ip }) => ip === all[0]);
      assert.deepEqual(first?.sources, [own.source]);
      refused(await admin(context, 'GET', `/upstreams/${fresh('none')}/effective`), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'serves an address of two sources once, up when one has it up, and reports the conflict',
    run: async (context) => {
      const one = await Writer.claimed(context);
      const two = await Writer.claimed(context, { upstream: one.upstream });
      done(await one.put([server(1, { state: 'down' })]));
      done(await two.put([server(1, { uid: 'other' })]));
      const body = done(await admin(context, 'GET', `/upstreams/${one.upstream}/effective`), 200);
      const merged = items(body.servers);
      assert.equal(merged.length, 1);
      assert.deepEqual([merged[0]?.state, merged[0]?.uid], ['up', 'other']);
      assert.deepEqual([...(merged[0]?.sources as string[])].sort(), [one.source, two.source].sort());
      assert.deepEqual(
        items(body.conflicts).map(({ address }) => address),
        ['192.0.2.1:8030'],
      );
      const { text } = await admin(context, 'GET', '/metrics');
      assert.match(text, new RegExp(`^yz7_conflicts\\{[^}]*"${one.upstream}"[^}]*\\} 1$`, 'm'));
      done(await one.put([server(1, { state: 'down', weight: 7 })]));
      const rewritten = json(await admin(context, 'GET', `/upstreams/${one.upstream}/effective`));
      assert.deepEqual(
        items(rewritten.servers).map(({ state, uid }) => [state, uid]),
        [['up', 'other']],
        'whoever wrote last',
      );
      done(await two.put([server(1, { uid: 'other', state: 'drain' }), server(2)]));
      const later = json(await admin(context, 'GET', `/upstreams/${one.upstream}/effective`));
      assert.equal(items(later.servers).find(({ ip }) => ip === '192.0.2.1')?.state, 'drain');
      return 'passed';
    },
  },
];
