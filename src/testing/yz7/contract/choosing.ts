import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { choosingCase } from './traffic.js';
import { admin, json, request, type Json } from './wire.js';
import { fresh, server } from './writer.js';

/** Requests that make chance of a wrong spread small, and show every worker. */
const many = 24;
const force = { reason: 'suite', actor: 'suite' };

export const choosingCases: readonly Yz7ContractCase[] = [
  choosingCase(
    'sends a chain that is known for the upstream to its servers only, and nobody else there',
    async (traffic) => {
      const [base, chained] = [await traffic.backend('base'), await traffic.backend('chained')];
      const writer = await traffic.writer();
      const sc = fresh('sc');
      await traffic.applied(await writer.put([base.server(), chained.server({ labels: { color: 'stable', sc } })]));
      assert.deepEqual(await traffic.spread(writer.upstream, many, sc), { base: many }, 'not known yet');
      await traffic.applied(await admin(traffic.context, 'PUT', `/chains/${sc}`, { upstreams: [writer.upstream] }));
      assert.deepEqual(await traffic.spread(writer.upstream, many, sc), { chained: many });
      assert.deepEqual(await traffic.spread(writer.upstream, many), { base: many });
      assert.deepEqual(await traffic.spread(writer.upstream, many, fresh('other')), { base: many });
    },
  ),
  choosingCase('answers 503 to a chain that is known and empty, never from the base', async (traffic) => {
    const base = await traffic.backend('base');
    const writer = await traffic.writer();
    const sc = fresh('sc');
    await traffic.applied(
      await writer.put([base.server(), server(1, { state: 'down', labels: { color: 'stable', sc } })]),
    );
    await traffic.applied(await admin(traffic.context, 'PUT', `/chains/${sc}`, { upstreams: [writer.upstream] }));
    for (let sent = 0; sent < 4; sent += 1) assert.equal((await traffic.send(writer.upstream, { sc })).status, 503);
    assert.equal(base.requests, 0);
    await traffic.applied(await admin(traffic.context, 'DELETE', `/chains/${sc}`));
    assert.deepEqual(await traffic.spread(writer.upstream, 4, sc), { base: 4 });
  }),
  choosingCase('divides a route between colors by weight', async (traffic) => {
    const [stable, gray] = [await traffic.backend('stable'), await traffic.backend('gray')];
    const writer = await traffic.writer();
    await traffic.applied(await writer.put([stable.server(), gray.server({ labels: { color: 'gray' } })]));
    const host = `${fresh('shop')}.example`;
    const targets = (weights: readonly [number, number]): Json[] =>
      ['stable', 'gray'].map((color, index) => ({
        upstream: writer.upstream,
        selector: { color },
        weight: weights[index],
      }));
    const path = `/routes/${fresh('route')}`;
    await traffic.applied(await admin(traffic.context, 'PUT', path, { hosts: [host], targets: targets([100, 0]) }));
    assert.deepEqual(await traffic.spread(host, many), { stable: many });
    await traffic.applied(await admin(traffic.context, 'PUT', path, { hosts: [host], targets: targets([75, 25]) }));
    const counts = await traffic.spread(host, 80);
    assert.ok((counts.gray ?? 0) >= 10 && (counts.gray ?? 0) <= 30, JSON.stringify(counts));
  }),
  choosingCase('takes the route with the longest path that matches', async (traffic) => {
    const [all, api] = [await traffic.backend('all'), await traffic.backend('api')];
    const [one, two] = [await traffic.writer(), await traffic.writer()];
    await traffic.applied(await one.put([all.server()]));
    await traffic.applied(await two.put([api.server()]));
    const host = `${fresh('shop')}.example`;
    for (const [path, { upstream }] of [
      ['/', one],
      ['/api', two],
    ] as const) {
      const route = { hosts: [host], match: { path }, targets: [{ upstream }] };
      await traffic.applied(await admin(traffic.context, 'PUT', `/routes/${fresh('route')}`, route));
    }
    for (const [path, name] of Object.entries({ '/': 'all', '/apix': 'all', '/api': 'api', '/api/x?y=1': 'api' })) {
      assert.equal((await traffic.send(host, { path })).headers['x-backend'], name, path);
    }
  }),
  choosingCase("takes another IDC's servers only when the own has none that is up", async (traffic) => {
    const [near, far] = [await traffic.backend('near'), await traffic.backend('far')];
    const own = await traffic.writer();
    const other = await traffic.writer({ upstream: own.upstream, idc: 'elsewhere' });
    await traffic.applied(await other.put([far.server()]));
    assert.deepEqual(await traffic.spread(own.upstream, 4), { far: 4 });
    await traffic.applied(await own.put([near.server()]));
    assert.deepEqual(await traffic.spread(own.upstream, many), { near: many });
    await traffic.applied(await own.put([near.server({ state: 'drain' })], { force }));
    assert.deepEqual(await traffic.spread(own.upstream, many), { far: many });
  }),
  choosingCase('sends nothing new to drain and down and weight 0', async (traffic) => {
    const backends = [
      await traffic.backend('up'),
      await traffic.backend('drain'),
      await traffic.backend('down'),
      await traffic.backend('zero'),
    ];
    const writer = await traffic.writer();
    const states = [{}, { state: 'drain' }, { state: 'down' }, { weight: 0 }];
    await traffic.applied(await writer.put(backends.map((backend, index) => backend.server(states[index]))));
    assert.deepEqual(await traffic.spread(writer.upstream, many), { up: many });
  }),
  choosingCase('lets a request in flight finish when its server drains', async (traffic) => {
    const backend = await traffic.backend('old');
    const writer = await traffic.writer();
    await traffic.applied(await writer.put([backend.server()]));
    const release = backend.hold();
    const inFlight = traffic.send(writer.upstream);
    await backend.received(1);
    await traffic.applied(await writer.put([backend.server({ state: 'drain' })], { force }));
    const late = await traffic.send(writer.upstream);
    assert.deepEqual([late.status, late.headers['x-yz7-error']], [502, 'no_server']);
    release();
    assert.equal((await inFlight).status, 200);
  }),
  choosingCase('spreads requests by weight', async (traffic) => {
    const [light, heavy] = [await traffic.backend('light'), await traffic.backend('heavy')];
    const writer = await traffic.writer();
    await traffic.applied(await writer.put([light.server({ weight: 100 }), heavy.server({ weight: 300 })]));
    const counts = await traffic.spread(writer.upstream, 80);
    assert.ok((counts.light ?? 0) >= 14 && (counts.light ?? 0) <= 26, JSON.stringify(counts));
  }),
  choosingCase('answers 502 with X-Yz7-Error: no_server when there is none', async (traffic) => {
    const writer = await traffic.writer();
    await traffic.applied(await writer.put([server(1, { state: 'down' })]));
    for (const host of [writer.upstream, `${fresh('unknown')}.example`]) {
      const reply = await traffic.send(host);
      assert.deepEqual([reply.status, reply.headers['x-yz7-error']], [502, 'no_server'], host);
    }
  }),
  choosingCase(
    'retries once on another server after a connect failure, idempotent requests only, and counts it',
    async (traffic) => {
      const retries = async (upstream: string): Promise<number> => {
        const { text } = await request(`${traffic.context.adminUrl}/admin/v1/metrics`);
        const line = text
          .split('\n')
          .find((each) => each.startsWith('yz7_retries_total') && each.includes(`"${upstream}"`));
        return Number(line?.split(' ').at(-1) ?? '0');
      };
      const [alive, dead] = [await traffic.backend('alive'), await traffic.backend('dead')];
      const writer = await traffic.writer();
      await dead.close();
      await traffic.applied(await writer.put([alive.server(), dead.server()]));
      assert.deepEqual(await traffic.spread(writer.upstream, 8), { alive: 8 });
      const counted = await retries(writer.upstream);
      assert.ok(counted >= 2, `retries: ${counted}`);
      const posts = new Set<number>();
      for (let sent = 0; sent < 8; sent += 1) {
        posts.add(
          (await traffic.send(writer.upstream, { method: 'POST', body: 'x', headers: { 'content-length': '1' } }))
            .status,
        );
      }
      assert.deepEqual([...posts].sort(), [200, 502]);
      assert.equal(await retries(writer.upstream), counted);
      await traffic.applied(await writer.put([dead.server()]));
      assert.equal((await traffic.send(writer.upstream)).status, 502);
    },
  ),
  choosingCase(
    'passes method, path, headers and body on, and drops what belongs to one connection',
    async (traffic) => {
      const backend = await traffic.backend('one');
      const writer = await traffic.writer();
      await traffic.applied(await writer.put([backend.server()]));
      const body = 'x'.repeat(300_000);
      const reply = await traffic.send(writer.upstream, {
        method: 'PUT',
        path: '/a%20b?c=d&e',
        body,
        headers: { 'x-own': 'kept', connection: 'close, x-hop', 'x-hop': 'dropped', 'x-forwarded-for': '203.0.113.9' },
      });
      assert.equal(reply.status, 200);
      const seen = json(reply);
      assert.deepEqual([seen.method, seen.url, seen.body], ['PUT', '/a%20b?c=d&e', body]);
      const headers = seen.headers as Record<string, string>;
      assert.deepEqual([headers['x-own'], headers['x-hop']], ['kept', undefined]);
      assert.match(headers['x-forwarded-for'] ?? '', /^203\.0\.113\.9, \S+$/);
      const { ip, port } = backend.server();
      assert.equal(reply.headers['x-yz7-server'], `${String(ip)}:${String(port)}`);
    },
  ),
];
