import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { admin, done, isPutOff, json, refused, request, watch, type Json } from './wire.js';
import { base, fresh, revisionNow, server, servers, Writer } from './writer.js';

const section = 'resources';

export const resourceCases: readonly Yz7ContractCase[] = [
  {
    section,
    name: 'keeps a chain with its upstreams until it is deleted',
    run: async (context) => {
      const path = `/chains/${fresh('sc')}`;
      refused(await admin(context, 'GET', path), 404, 'NOT_FOUND');
      const created = await admin(context, 'PUT', path, { upstreams: ['a.http', 'b.http'] });
      done(created, 201);
      const read = await admin(context, 'GET', path);
      assert.deepEqual(json(read).upstreams, ['a.http', 'b.http']);
      assert.equal(read.headers.etag, created.headers.etag);
      done(await admin(context, 'PUT', path, { upstreams: ['a.http'] }), 200);
      assert.deepEqual(json(await admin(context, 'GET', path)).upstreams, ['a.http']);
      done(await admin(context, 'DELETE', path), 200);
      refused(await admin(context, 'GET', path), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'writes many upstreams of a source at once',
    refusable: true,
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const lines = ['a', 'b'].map((suffix, index) =>
        JSON.stringify({
          upstream: `${writer.upstream}.${suffix}`,
          generation: String(base + BigInt(index)),
          servers: [server(index + 1)],
        }),
      );
      const reply = await admin(context, 'PATCH', `/sources/${writer.source}`, `${lines.join('\n')}\n`, {
        headers: { 'content-type': 'application/x-ndjson' },
      });
      if (isPutOff(reply)) return 'refused';
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.text.trimEnd().split('\n').length, 2);
      return 'passed';
    },
  },
  {
    section,
    name: 'keeps a route with hosts, path and weighted targets',
    run: async (context) => {
      const path = `/routes/${fresh('route')}`;
      const route = {
        hosts: ['shop.example'],
        match: { path: '/api' },
        targets: [
          { upstream: 'a.http', selector: { color: 'stable' }, weight: 90 },
          { upstream: 'a.http', selector: { color: 'gray' }, weight: 10 },
        ],
      };
      done(await admin(context, 'PUT', path, route), 201);
      const read = json(await admin(context, 'GET', path));
      assert.deepEqual([read.hosts, read.targets], [route.hosts, route.targets]);
      assert.equal((read.match as typeof route.match).path, '/api');
      done(await admin(context, 'DELETE', path), 200);
      refused(await admin(context, 'GET', path), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'keeps header rules in routes',
    refusable: true,
    run: async (context) => {
      const reply = await admin(context, 'PUT', `/routes/${fresh('route')}`, {
        hosts: ['shop.example'],
        match: { path: '/', headers: [{ name: 'x-user', value: '7' }] },
        targets: [{ upstream: 'a.http', selector: {}, weight: 1 }],
      });
      if (isPutOff(reply)) return 'refused';
      done(reply, 201);
      return 'passed';
    },
  },
  {
    section,
    name: 'streams events since a revision',
    refusable: true,
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const before = await revisionNow(context);
      const since = (revision: number): string => `/watch?since=${revision}`;
      const early = watch(context, since(before), 2);
      const first = done(await writer.put([server(1)]));
      const reply = await early.begun;
      if (isPutOff(reply)) return 'refused';
      const second = done(await writer.put(servers(2)));
      const expected = [first, second].map(({ revision }) => [revision, writer.upstream, writer.source]);
      const seen = (lines: readonly string[]): unknown[] =>
        lines.map((line) => {
          const { revision, upstream, source } = JSON.parse(line) as Json;
          return [revision, upstream, source];
        });
      assert.equal(reply.status, 200, reply.text);
      assert.match(reply.headers['content-type'] ?? '', /application\/x-ndjson/);
      assert.deepEqual(seen(await early.lines), expected, 'as they come');
      assert.deepEqual(seen(await watch(context, since(before), 2).lines), expected, 'what has been');
      refused(await watch(context, since(before + 1_000_000), 1).begun, 410, 'GONE');
      return 'passed';
    },
  },
  {
    section,
    name: 'answers liveness, readiness and Prometheus text without a token',
    run: async (context) => {
      for (const probe of ['healthz', 'readyz']) {
        assert.equal((await request(`${context.adminUrl}/admin/v1/${probe}`)).status, 200, probe);
      }
      const writer = await Writer.claimed(context);
      const { revision } = done(await writer.put([server(1)]));
      refused(await writer.put([]), 409, 'EMPTY_GUARD');
      const metrics = await request(`${context.adminUrl}/admin/v1/metrics`);
      assert.equal(metrics.status, 200);
      assert.match(metrics.headers['content-type'] ?? '', /^text\/plain/);
      const value = (name: string, ...labels: readonly string[]): number => {
        const line = metrics.text
          .split('\n')
          .find((each) => each.startsWith(name) && labels.every((label) => each.includes(label)));
        return Number(line?.split(' ').at(-1));
      };
      assert.ok(value('yz7_revision') >= Number(revision));
      assert.equal(value('yz7_source_writes_total', `"${writer.source}"`, '"accepted"'), 1);
      assert.equal(value('yz7_source_writes_total', `"${writer.source}"`, '"EMPTY_GUARD"'), 1);
      assert.equal(value('yz7_servers', `"${writer.upstream}"`, '"up"'), 1);
      return 'passed';
    },
  },
];
