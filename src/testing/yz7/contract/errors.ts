import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { admin, done, items, json, refused, request, type Json } from './wire.js';
import { base, fresh, server, Writer } from './writer.js';

const section = 'errors';

/** What makes a server invalid, and nothing else. */
const invalidServers: Readonly<Record<string, Json>> = {
  'no address': { port: 80 },
  'a name for an address': { ip: 'localhost', port: 80 },
  'leading zeros': { ip: '010.0.0.1', port: 80 },
  'IPv6 in capitals': { ip: '2001:DB8::1', port: 80 },
  'IPv6 not shortened': { ip: '2001:db8:0:0:0:0:0:1', port: 80 },
  'IPv6 with a zone': { ip: 'fe80::1%eth0', port: 80 },
  'port 0': { ip: '192.0.2.1', port: 0 },
  'a port as text': { ip: '192.0.2.1', port: '80' },
  'port 65536': { ip: '192.0.2.1', port: 65536 },
  'weight 1001': { ip: '192.0.2.1', port: 80, weight: 1001 },
  'weight -1': { ip: '192.0.2.1', port: 80, weight: -1 },
  'half a weight': { ip: '192.0.2.1', port: 80, weight: 0.5 },
  'an unknown state': { ip: '192.0.2.1', port: 80, state: 'gone' },
  'a label value with a space': { ip: '192.0.2.1', port: 80, labels: { color: 'dark gray' } },
  'a label value of 64 characters': { ip: '192.0.2.1', port: 80, labels: { color: 'x'.repeat(64) } },
  'a label value that ends with a dash': { ip: '192.0.2.1', port: 80, labels: { color: 'gray-' } },
  'a label that is no text': { ip: '192.0.2.1', port: 80, labels: { color: 1 } },
  'a separator in the uid': { ip: '192.0.2.1', port: 80, uid: 'a|b' },
  'a line end in the zone': { ip: '192.0.2.1', port: 80, zone: 'a\nb' },
};

export const errorCases: readonly Yz7ContractCase[] = [
  {
    section,
    name: 'answers 422 INVALID_SERVER with each offending index',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      for (const [what, wrong] of Object.entries(invalidServers)) {
        const details = refused(await writer.put([server(200), wrong]), 422, 'INVALID_SERVER') as Json;
        assert.deepEqual([...new Set(items(details.servers).map(({ index }) => index))], [1], what);
      }
      const all = refused(await writer.put(Object.values(invalidServers)), 422, 'INVALID_SERVER') as Json;
      const indexes = new Set(items(all.servers).map(({ index }) => index));
      assert.deepEqual([...indexes], Object.keys(Object.values(invalidServers)).map(Number));
      const twice = refused(await writer.put([server(1), server(2), server(1)]), 422, 'INVALID_SERVER') as Json;
      assert.deepEqual(
        items(twice.servers).map(({ index }) => index),
        [2],
      );
      refused(await writer.get(), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'takes every address as RFC 5952 writes it and every Kubernetes label value',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const ips = ['0.0.0.0', '255.255.255.255', '::1', '2001:db8::1', '2001:db8:0:1:1:1:1:1', 'fe80::'];
      const values = ['', 'a', 'A_b.c-9', 'x'.repeat(63)];
      done(
        await writer.put([
          ...ips.map((ip) => ({ ip, port: 80 })),
          ...values.map((color, index) => server(index, { labels: { color } })),
        ]),
      );
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 400 BAD_JSON to a body that is not JSON of the right shape',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const generation = String(base + 1n);
      const bodies = [
        '',
        '{',
        'null',
        '[]',
        '{"servers":[]}',
        `{"generation":"${generation}"}`,
        `{"generation":"${generation}","servers":{}}`,
        `{"generation":"${generation}","servers":[],"forse":{}}`,
      ];
      for (const body of bodies) refused(await admin(context, 'PUT', writer.path, body), 400, 'BAD_JSON');
      refused(await admin(context, 'POST', `/sources/${writer.source}/claim`, '{'), 400, 'BAD_JSON');
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 401 without a token or with an unknown one',
    run: async (context) => {
      refused(await request(`${context.adminUrl}/admin/v1/upstreams`), 401, 'UNAUTHORIZED');
      refused(await admin(context, 'GET', '/upstreams', undefined, { token: 'wrong' }), 401, 'UNAUTHORIZED');
      const writer = new Writer(context);
      refused(await writer.claim(base, 'suite', 'wrong'), 401, 'UNAUTHORIZED');
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 403 NOT_OWNER to a token that is bound to other sources',
    run: async (context) => {
      if (context.restricted === undefined) return 'skipped';
      const { token, prefix } = context.restricted;
      const foreign = await Writer.claimed(context);
      refused(await foreign.claim(base, 'suite', token), 403, 'NOT_OWNER');
      refused(await foreign.put([server(1)], { token }), 403, 'NOT_OWNER');
      refused(await foreign.delete({ token }), 403, 'NOT_OWNER');
      refused(await admin(context, 'PUT', `/upstreams/${fresh('app')}.http`, {}, { token }), 403, 'NOT_OWNER');
      const own = new Writer(context, { source: `${prefix}${fresh('c')}` });
      done(await own.claim(base, 'suite', token), 200);
      done(await own.put([server(1)], { token }), 201);
      assert.equal((await admin(context, 'GET', own.path, undefined, { token })).status, 200);
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 404 to what does not exist',
    run: async (context) => {
      const writer = new Writer(context);
      const paths = [writer.path, `/upstreams/${writer.upstream}`, `/chains/${fresh('sc')}`, '/nowhere', '/sources'];
      for (const path of paths) refused(await admin(context, 'GET', path), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 413 to a body that is too large',
    run: async (context) => {
      if (context.bodyLimitBytes === undefined) return 'skipped';
      const writer = await Writer.claimed(context);
      const body = JSON.stringify({
        generation: String(base + 1n),
        servers: [],
        padding: 'x'.repeat(context.bodyLimitBytes),
      });
      refused(await admin(context, 'PUT', writer.path, body), 413, 'TOO_LARGE');
      refused(await writer.get(), 404, 'NOT_FOUND');
      return 'passed';
    },
  },
  {
    section,
    name: 'answers 429 with Retry-After, and 503 STORE_UNAVAILABLE, both retryable, and the write succeeds later',
    run: async (context) => {
      if (context.failWrites === undefined) return 'skipped';
      for (const [status, code] of [
        [429, 'RATE_LIMITED'],
        [503, 'STORE_UNAVAILABLE'],
      ] as const) {
        const writer = await Writer.claimed(context);
        const restore = await context.failWrites(status);
        try {
          const reply = await writer.put([server(1)]);
          refused(reply, status, code);
          assert.equal((json(reply).error as Json).retryable, true);
          if (status === 429) assert.match(reply.headers['retry-after'] ?? '', /^\d+$/);
          refused(await writer.get(), 404, 'NOT_FOUND');
        } finally {
          await restore();
        }
        done(await writer.put([server(1)], { generation: writer.generation }), 201);
      }
      return 'passed';
    },
  },
];
