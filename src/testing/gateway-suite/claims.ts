import assert from 'node:assert/strict';
import { digestOf } from '../../members/index.js';
import type { GatewaySuiteCase } from './context.js';
import { base, refused, server, suiteCase } from './writer.js';

export const claimCases: readonly GatewaySuiteCase[] = [
  suiteCase('claims', 'refuses a write of a source that was never claimed', async ({ writer }) => {
    const one = await writer({ claim: false });
    await refused(one.put([server(1)]), 'UNCLAIMED');
    assert.equal(await one.shown(), undefined);
  }),

  suiteCase('claims', 'tells a new leader the former claim and what is there', async ({ writer, context }) => {
    const first = await writer({ claim: false });
    const before = await first.claim(base, 'host-1_5d1f');
    assert.deepEqual([before.formerGeneration, before.formerWriter, before.upstreams], ['0', '', []]);
    await first.put([server(1)]);
    await first.put([server(2), server(3)], base + 9n, context.upstreams[1]);
    const answer = await first.claim(base + 100n, 'host-2 "the second"');
    assert.deepEqual([answer.formerGeneration, answer.formerWriter], [String(base), 'host-1_5d1f']);
    const seen = answer.upstreams.map((each) => [each.upstream, each.generation, each.digest, each.servers]);
    const expected = [
      [context.upstreams[0], String(base + 1n), digestOf([server(1)]), 1],
      [context.upstreams[1], String(base + 9n), digestOf([server(2), server(3)]), 2],
    ];
    assert.deepEqual(seen.sort(), expected.sort());
    const last = await first.claim(base + 101n, 'third');
    assert.equal(last.formerWriter, 'host-2 "the second"');
    assert.equal(last.storeId, before.storeId);
  }),

  suiteCase('claims', 'refuses a smaller claim, also when only the last digit of 19 differs', async ({ writer }) => {
    const one = await writer();
    await refused(one.claim(base - 1n, 'other'), 'STALE_GENERATION');
    await one.claim(base + 1n, 'other');
    await refused(one.claim(base), 'STALE_GENERATION');
  }),

  suiteCase('claims', 'takes an equal claim from the same writer and refuses it from another', async ({ writer }) => {
    const one = await writer();
    await one.claim();
    await refused(one.claim(base, 'another'), 'CLAIM_CONFLICT');
  }),

  suiteCase('claims', 'refuses whatever a former leader writes, in every upstream', async ({ writer, context }) => {
    const former = await writer();
    await former.put([server(1)]);
    const leader = await writer({ source: former.source, claim: false });
    await leader.claim(base + 1_000n, 'leader');
    await refused(former.put([server(1), server(2)]), 'STALE_GENERATION');
    await refused(former.put([server(3)], base + 999n, context.upstreams[1]), 'STALE_GENERATION');
    assert.deepEqual(await leader.shown(context.upstreams[1]), undefined);
    await leader.put([server(4)], base + 1_000n);
    assert.equal((await former.shown())?.length, 1);
  }),

  suiteCase('claims', 'takes 2^64-1 as a generation, and nothing above it', async ({ writer }) => {
    const one = await writer({ claim: false });
    await refused(one.claim(1n << 64n), 'BAD_JSON');
    await one.claim((1n << 64n) - 1n);
    await refused(one.claim((1n << 64n) - 2n), 'STALE_GENERATION');
  }),
];
