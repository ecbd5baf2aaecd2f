import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Yz7ContractCase } from './context.js';
import { admin, done, items, json, refused } from './wire.js';
import { base, revisionNow, server, servers, Writer } from './writer.js';

const sha256 = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');
const etag = (revision: unknown): string => `"${String(revision)}"`;

export const writeCases: readonly Yz7ContractCase[] = [
  {
    section: 'words',
    name: 'sends the id of the store with every answer, errors too',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const replies = [await writer.put([server(1)]), await writer.get(), await admin(context, 'GET', '/nowhere')];
      const ids = new Set(replies.map(({ headers }) => headers['x-store']));
      assert.equal(ids.size, 1);
      assert.match([...ids][0] ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      return 'passed';
    },
  },
  {
    section: 'words',
    name: 'computes the digest over sorted lines, labels sorted, IPv6 in brackets',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const list = [
        { ip: '2001:db8::1', port: 8030, uid: 'b', zone: 'z1', weight: 0, state: 'drain', labels: {} },
        { ip: '192.0.2.9', port: 8100, uid: 'a', labels: { sc: 'chain-1', color: 'gray' } },
      ];
      const digest = sha256(['192.0.2.9:8100|a|100|up||color=gray,sc=chain-1', '[2001:db8::1]:8030|b|0|drain|z1|']);
      const reply = await writer.put(list);
      assert.equal(done(reply, 201).digest, digest);
      assert.equal(reply.headers['x-digest'], digest);
      const read = await writer.get();
      assert.equal(read.headers['x-digest'], digest);
      assert.equal(json(read).digest, digest);
      assert.equal(done(await writer.put([...list].reverse())).changed, false);
      return 'passed';
    },
  },
  {
    section: 'words',
    name: 'gives a server its defaults: weight 100, up, no uid, no zone, no labels',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put([{ ip: '192.0.2.1', port: 80 }]));
      assert.deepEqual(items(json(await writer.get()).servers), [
        { ip: '192.0.2.1', port: 80, weight: 100, state: 'up', uid: '', zone: '', labels: {} },
      ]);
      return 'passed';
    },
  },
  {
    section: 'words',
    name: 'takes the same ip:port with another uid for another server',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put([server(1, { uid: 'old' })]));
      const { added, removed, changed } = done(await writer.put([server(1, { uid: 'new' })]));
      assert.deepEqual({ added, removed, changed }, { added: 1, removed: 1, changed: true });
      return 'passed';
    },
  },
  {
    section: 'words',
    name: 'raises the revision by one with every change and by none without',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const before = await revisionNow(context);
      const first = await writer.put([server(1)]);
      assert.equal(done(first).revision, before + 1);
      assert.equal(first.headers.etag, etag(before + 1));
      const same = await writer.put([server(1)]);
      assert.deepEqual([done(same).revision, json(same).changed], [before + 1, false]);
      assert.equal(await revisionNow(context), before + 1);
      const other = await Writer.claimed(context);
      assert.equal(done(await other.put([server(2)])).revision, before + 2);
      assert.equal((await writer.get()).headers.etag, etag(before + 1), 'its own last change');
      return 'passed';
    },
  },
  {
    section: 'writes',
    name: 'answers 201 then 200 with what changed',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      const created = done(await writer.put(servers(3)), 201);
      assert.deepEqual([created.changed, created.added, created.removed], [true, 3, 0]);
      assert.equal(created.generation, String(base + 1n));
      const changed = done(await writer.put([...servers(2), server(9)]), 200);
      assert.deepEqual([changed.changed, changed.added, changed.removed], [true, 1, 1]);
      const drained = done(await writer.put([...servers(2), server(9, { state: 'drain' })]), 200);
      assert.deepEqual([drained.changed, drained.added, drained.removed], [true, 0, 0]);
      return 'passed';
    },
  },
  {
    section: 'writes',
    name: 'compares generations as 64-bit numbers: greater, equal and same, equal and other, less',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put([server(1)], { generation: base + 4n }));
      const again = done(await writer.put([server(1)], { generation: base + 4n }), 200);
      assert.equal(again.changed, false);
      refused(await writer.put([server(2)], { generation: base + 4n }), 409, 'GENERATION_CONFLICT');
      refused(await writer.put([server(1)], { generation: base + 3n }), 409, 'STALE_GENERATION');
      done(await writer.put([server(1), server(2)], { generation: base + 5n }), 200);
      assert.equal(items(json(await writer.get()).servers).length, 2);
      return 'passed';
    },
  },
  {
    section: 'writes',
    name: 'keeps a greater generation whose servers are the same',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      done(await writer.put([server(1)], { generation: base + 1n }));
      assert.equal(done(await writer.put([server(1)], { generation: base + 9n })).generation, String(base + 9n));
      refused(await writer.put([server(2)], { generation: base + 8n }), 409, 'STALE_GENERATION');
      return 'passed';
    },
  },
  {
    section: 'writes',
    name: 'refuses If-Match when the source has moved on, and If-None-Match: * when it exists',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      refused(await writer.put([server(1)], { headers: { 'if-match': '"1"' } }), 412, 'REVISION_MISMATCH');
      const { revision } = done(await writer.put([server(1)], { headers: { 'if-none-match': '*' } }), 201);
      refused(await writer.put(servers(2), { headers: { 'if-none-match': '*' } }), 412, 'REVISION_MISMATCH');
      const next = done(await writer.put(servers(2), { headers: { 'if-match': etag(revision) } }), 200);
      refused(await writer.put(servers(3), { headers: { 'if-match': etag(revision) } }), 412, 'REVISION_MISMATCH');
      done(await writer.put(servers(3), { headers: { 'if-match': etag(next.revision) } }), 200);
      return 'passed';
    },
  },
  {
    section: 'writes',
    name: 'replaces only the own source: another source of the same upstream keeps its servers',
    run: async (context) => {
      const one = await Writer.claimed(context);
      const two = await Writer.claimed(context, { upstream: one.upstream });
      done(await one.put([server(1)]));
      const { digest } = done(await two.put([server(2)]));
      done(await one.put([], { force: { reason: 'suite', actor: 'suite' } }));
      assert.equal(json(await two.get()).digest, digest);
      return 'passed';
    },
  },
  {
    section: 'writes',
    name: 'deletes a source with its generation, which it leaves behind',
    run: async (context) => {
      const writer = await Writer.claimed(context);
      refused(await writer.delete(), 404, 'NOT_FOUND');
      done(await writer.put([server(1, { state: 'drain' })], { generation: base + 10n }));
      refused(await writer.delete({ generation: base + 9n }), 409, 'STALE_GENERATION');
      const deleted = done(await writer.delete({ generation: base + 11n }), 200);
      assert.deepEqual([deleted.changed, deleted.removed], [true, 1]);
      refused(await writer.get(), 404, 'NOT_FOUND');
      assert.equal(done(await writer.delete({ generation: base + 11n }), 200).changed, false);
      refused(await writer.put([server(1)], { generation: base + 10n }), 409, 'STALE_GENERATION');
      done(await writer.put([server(1)], { generation: base + 12n }), 201);
      return 'passed';
    },
  },
];
