import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/members/server.js';
import { Guards } from '../../../src/testing/yz7/guards.js';
import { Problem } from '../../../src/testing/yz7/problem.js';
import { SourceWriter } from '../../../src/testing/yz7/source-writes.js';
import { Counters } from '../../../src/testing/yz7/stats.js';
import { Store } from '../../../src/testing/yz7/store.js';
import { serverAt } from './traffic.js';

/** Just above 2^53, where neighbours are one and the same double. */
const base = 1n << 60n;

type Step =
  | { readonly kind: 'claim'; readonly generation: number; readonly writer: string }
  | {
      readonly kind: 'put' | 'delete';
      readonly generation: number;
      readonly upstream: string;
      readonly ports: readonly number[];
    };

const generation = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('claim' as const), generation, writer: fc.constantFrom('one', 'two') }),
  fc.record({
    kind: fc.constantFrom('put' as const, 'put' as const, 'delete' as const),
    generation,
    upstream: fc.constantFrom('a.http', 'b.http'),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 3 })),
  }),
);

describe('writes of one source in any order', () => {
  it('never go back behind a claim or a generation, and count every change once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = await Store.open(undefined, 0);
        const writer = new SourceWriter(store, new Guards(0.5), new Counters(), () => 0);
        const force = { reason: 'test', actor: 'test' };
        let claimed: { generation: number; writer: string } | undefined;
        const model = new Map<string, { generation: number; ports: string | undefined; revision: number }>();
        let revision = 0;
        for (const each of steps) {
          const text = String(base + BigInt(each.generation));
          if (each.kind === 'claim') {
            const isTaken =
              claimed === undefined ||
              each.generation > claimed.generation ||
              (each.generation === claimed.generation && each.writer === claimed.writer);
            const result = await writer.claim('k8s.bc.a', text, each.writer).then(
              () => true,
              () => false,
            );
            expect(result).toBe(isTaken);
            if (isTaken) claimed = each;
            continue;
          }
          const before = model.get(each.upstream);
          const ports = each.kind === 'put' ? [...each.ports].sort().join() : undefined;
          const isRepeat = before?.generation === each.generation && before.ports === ports;
          const isTaken =
            claimed !== undefined &&
            each.generation >= claimed.generation &&
            (isRepeat ||
              ((before === undefined || each.generation > before.generation) &&
                (each.kind === 'put' || before?.ports !== undefined)));
          const servers = each.kind === 'put' ? each.ports.map((port) => serverAt(port)) : undefined;
          const request = {
            upstream: each.upstream,
            source: 'k8s.bc.a',
            generation: text,
            servers,
            force,
            ifMatch: undefined,
            ifNoneMatch: undefined,
          };
          const result = await writer.write(request).catch((error: unknown) => {
            if (error instanceof Problem) return undefined;
            throw error;
          });
          expect(result !== undefined).toBe(isTaken);
          if (result === undefined) continue;
          const isChange = !isRepeat && before?.ports !== ports;
          expect(result.changed).toBe(isChange);
          if (isChange) revision += 1;
          expect(store.state.revision).toBe(revision);
          expect(result.entry.revision).toBe(isChange ? revision : before?.revision);
          model.set(each.upstream, { generation: each.generation, ports, revision: result.entry.revision });
          const stored = store.state.entryOf(each.upstream, 'k8s.bc.a');
          expect(stored).toMatchObject({
            generation: text,
            digest: digestOf(servers ?? []),
            deleted: ports === undefined,
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
