import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { admin, done, json, refused } from './wire.js';
import { base, fresh, server, servers, Writer } from './writer.js';

export const durabilityCases: readonly Yz7ContractCase[] = [
  {
    section: 'durability',
    name: 'has after a kill -9 everything that it had acknowledged',
    run: async (context) => {
      if (context.restart === undefined) return 'skipped';
      const kept = await Writer.claimed(context);
      const force = { reason: 'suite', actor: 'suite' };
      const written = await kept.put(servers(3), { force });
      const deleted = await Writer.claimed(context);
      done(await deleted.put([], { generation: base + 7n }));
      done(await deleted.delete({ generation: base + 8n }));
      const chain = `/chains/${fresh('sc')}`;
      const route = `/routes/${fresh('route')}`;
      const settings = `/upstreams/${fresh('app')}.http`;
      done(await admin(context, 'PUT', chain, { upstreams: [kept.upstream] }));
      done(await admin(context, 'PUT', route, { hosts: ['a.example'], targets: [{ upstream: kept.upstream }] }));
      done(await admin(context, 'PUT', settings, { slowStartMs: 7 }));
      const paths = [kept.path, chain, route, settings, '/upstreams'];
      const read = async (): Promise<unknown[]> => {
        const replies = await Promise.all(paths.map((path) => admin(context, 'GET', path)));
        return replies.map((reply) => [done(reply, 200), reply.headers.etag, reply.headers['x-store']]);
      };
      const before = await read();
      await context.restart();
      assert.deepEqual(await read(), before);
      assert.deepEqual(json(await kept.get()).force, force);
      assert.equal(done(await kept.put(servers(3), { generation: base + 1n }), 200).revision, done(written).revision);
      refused(await kept.claim(base, 'another'), 409, 'CLAIM_CONFLICT');
      refused(await deleted.put([server(1)], { generation: base + 7n }), 409, 'STALE_GENERATION');
      return 'passed';
    },
  },
];
