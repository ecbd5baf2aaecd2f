import assert from 'node:assert/strict';
import type { Yz7ContractCase } from './context.js';
import { admin, done, items, json, refused } from './wire.js';
import { base, fresh, revisionNow, server, Writer } from './writer.js';

const section = 'claims';

export const claimCases: readonly Yz7ContractCase[] = [
  {
    section,
    name: 'refuses a write of a source that was never claimed with 428',
    run: async (context) => {
      const writer = new Writer(context);
      refused(await writer.put([server(1)]), 428, 'UNCLAIMED');
      refused(await writer.delete(), 428, 'UNCLAIMED');
      return 'passed';
    },
  },
  {
    section,
    name: 'answers the former claim and every upstream with generation and digest',
    run: async (context) => {
      const writer = new Writer(context);
      const first = done(await writer.claim(base, 'one'), 200);
      assert.deepEqual(first.former, { generation: '0', writer: '' });
      assert.deepEqual(first.upstreams, []);
      const other = new Writer(context, { source: writer.source });
      const written = done(await writer.put([server(1)]));
      const otherWritten = done(await other.put([server(2), server(3)], { generation: base + 9n }));
      const second = done(await writer.claim(base + 100n, 'two'), 200);
      assert.deepEqual(second.former, { generation: String(base), writer: 'one' });
      const seen = items(second.upstreams).map(({ upstream, generation, digest, servers }) => [
        upstream,
        generation,
        digest,
        servers,
      ]);
      const expected = [
        [writer.upstream, String(base + 1n), written.digest, 1],
        [other.upstream, String(base + 9n), otherWritten.digest, 2],
      ];
      assert.deepEqual(new Map(seen.map((row) => [row[0], row])), new Map(expected.map((row) => [row[0], row])));
      return 'passed';
    },
  },
  {
    section,
    name: 'refuses a smaller claim, also when only the last digit of 19 differs',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      refused(await writer.claim(base - 1n, 'other'), 409, 'STALE_GENERATION');
      done(await writer.claim(base + 1n, 'other'), 200);
      refused(await writer.claim(base, 'suite'), 409, 'STALE_GENERATION');
      return 'passed';
    },
  },
  {
    section,
    name: 'takes an equal claim from the same writer and refuses it from another',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.claim(base, 'suite'), 200);
      refused(await writer.claim(base, 'another'), 409, 'CLAIM_CONFLICT');
      return 'passed';
    },
  },
  {
    section,
    name: 'changes no revision with a claim',
    run: async (context) => {
      const before = await revisionNow(context);
      await Writer.claimed(context);
      assert.equal(await revisionNow(context), before);
      return 'passed';
    },
  },
  {
    section,
    name: 'refuses every write below the claim, in upstreams that the new leader has not written too',
    run: async (context) => {
      const old = await Writer.claimed(context);
      done(await old.put([server(1)]));
      done(await old.claim(base + 1000n, 'new leader'));
      refused(await old.put([server(1), server(2)]), 409, 'STALE_GENERATION');
      const elsewhere = new Writer(context, { source: old.source });
      refused(await elsewhere.put([server(3)], { generation: base + 999n }), 409, 'STALE_GENERATION');
      refused(await old.delete({ generation: base + 999n }), 409, 'STALE_GENERATION');
      done(await elsewhere.put([server(3)], { generation: base + 1000n }), 201);
      return 'passed';
    },
  },
  {
    section,
    name: 'takes 2^64-1 as a generation, and neither 2^64, nor a number, nor a sign',
    run: async (context) => {
      const path = `/sources/k8s.${context.idc}.${fresh('c')}/claim`;
      const claim = (generation: unknown): ReturnType<typeof admin> =>
        admin(context, 'POST', path, { generation, writer: 'suite' });
      for (const wrong of [String(1n << 64n), 12, '-1', '+1', '1.0', '0x10', '', null, '01']) {
        refused(await claim(wrong), 400, 'BAD_JSON');
      }
      done(await claim(String((1n << 64n) - 1n)), 200);
      refused(await claim(String((1n << 64n) - 2n)), 409, 'STALE_GENERATION');
      return 'passed';
    },
  },
  {
    section,
    name: 'gives the new leader what is there, a line an upstream',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const other = new Writer(context, { source: writer.source });
      done(await writer.put([server(1)]));
      done(await other.put([server(2), server(3)], { generation: base + 7n }));
      const reply = await admin(context, 'GET', `/sources/${writer.source}`);
      assert.equal(reply.status, 200);
      assert.match(reply.headers['content-type'] ?? '', /application\/x-ndjson/);
      assert.ok(reply.text.endsWith('\n'), 'the last line must end');
      const lines = reply.text
        .trimEnd()
        .split('\n')
        .map((text) => json({ ...reply, text }));
      assert.equal(lines.length, 2);
      for (const [each, count, generation] of [
        [writer, 1, base + 1n],
        [other, 2, base + 7n],
      ] as const) {
        const line = lines.find(({ upstream }) => upstream === each.upstream);
        assert.ok(line, `no line for ${each.upstream}`);
        assert.equal(line.source, writer.source);
        assert.equal(line.generation, String(generation));
        assert.equal(items(line.servers).length, count);
        assert.equal(line.digest, json(await each.get()).digest);
      }
      return 'passed';
    },
  },
];
