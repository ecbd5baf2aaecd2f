import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { youzanConventions } from '../../src/conventions/index.js';
import { createReflector, type KubeObject, resources } from '../../src/kube/index.js';
import { decodeEndpointSlice } from '../../src/members/index.js';
import { ApiStand } from './api-stand.js';
import { eventsOf, recordedList, recordedStatus, recordedWatch } from './recorded.js';
import { errorEvent, reflect, type Reflected } from './reflecting.js';
import { clientOf, startStand } from './stands.js';

const initial = recordedWatch('watch-initial-events');
const later = recordedWatch('watch');
const { resourceVersion } = recordedList('list').metadata;

/** A slice as the syncer takes it, in short: `trade-core: 10.9.1.1 ready, …`. */
function decode(object: KubeObject): string | undefined {
  const slice = decodeEndpointSlice(object, youzanConventions);
  if (slice === undefined) return undefined;
  const endpoints = slice.endpoints.map(
    ({ ip, ready, terminating }) => `${ip} ${ready ? 'ready' : terminating ? 'terminating' : 'not ready'}`,
  );
  return `${slice.service}: ${endpoints.join(', ')}`;
}
const tradeCore = 'trade-core: 10.9.1.1 ready, 10.9.2.1 ready, 10.9.2.2 terminating';
const listed = ['trade-core-gray: 10.9.1.2 not ready', tradeCore].sort();

function reflectSlices(stand: ApiStand): Reflected {
  const seen = reflect(clientOf(stand), { type: resources.endpointSlices, namespace: 'trade', decode });
  seen.reflector.start();
  return seen;
}
const contents = (seen: Reflected): string[] => [...seen.store.values()].sort();

describe('what a real API server answers', () => {
  it('is a list as a stream, with pods that are ready, not ready and terminating', async () => {
    const stand = await startStand();
    const seen = reflectSlices(stand);
    const watch = await stand.next();
    watch.open();
    watch.sendBytes(initial);
    await seen.until(() => seen.told.includes('connected'));
    // A Service without pods has a slice without ports: there is nothing to publish of it.
    expect([contents(seen), seen.bad]).toEqual([listed, []]);
    expect(seen.told[0]).toMatch(new RegExp(` at ${resourceVersion}$`));
  });

  it('is the same as a list, and as pages', async () => {
    for (const pages of [['list'], ['list-page-1', 'list-page-2']] as const) {
      const stand = await startStand();
      const seen = reflectSlices(stand);
      const refusal = recordedStatus('422');
      (await stand.next()).answer(refusal.body, refusal);
      for (const [index, name] of pages.entries()) {
        const request = await stand.next();
        expect(request.query['continue']).toBe(index === 0 ? undefined : recordedList(pages[0]).metadata.continue);
        request.answer(recordedList(name));
      }
      expect((await stand.next()).query).toMatchObject({ resourceVersion });
      expect(contents(seen)).toEqual(listed);
    }
  });

  it('is a change of members, told in order, and a bookmark', async () => {
    const stand = await startStand();
    const seen = reflectSlices(stand);
    const watch = await stand.next();
    watch.open();
    watch.sendBytes(initial);
    await seen.until(() => seen.told.includes('connected'));
    seen.told.length = 0;
    watch.sendBytes(later);
    await seen.until(() => seen.told.some((line) => line.startsWith('bookmark')));
    // Another Service comes and goes without pods.
    expect(seen.told).toEqual([
      `upserted ${tradeCore}, 10.9.1.3 ready`,
      `upserted ${tradeCore}`,
      expect.stringMatching(/^bookmark \d+$/),
    ]);
    expect(contents(seen)).toEqual(listed);
  });

  it('is a 410 as the only event of a watch, after which there is a new list at once', async () => {
    const stand = await startStand();
    const seen = reflectSlices(stand);
    const list = await stand.next();
    list.open();
    list.sendBytes(initial);
    await seen.until(() => seen.told.includes('connected'));
    list.end();
    await seen.clock.until(200);
    await seen.clock.advance(200);
    const watch = await stand.next();
    watch.open();
    watch.sendBytes(recordedWatch('watch-expired'));
    watch.end();
    const { query } = await stand.next();
    expect(query).toMatchObject({ sendInitialEvents: 'true' });
    expect(seen.told.at(-1)).toBe('disconnected KUBE_GONE');
    expect(contents(seen)).toEqual(listed);
  });

  it('is a 410 for a page that came too late, after which the list begins anew at once', async () => {
    const stand = await startStand();
    reflectSlices(stand);
    const [refusal, gone] = [recordedStatus('422'), recordedStatus('410-continue')];
    (await stand.next()).answer(refusal.body, refusal);
    (await stand.next()).answer(recordedList('list-page-1'));
    (await stand.next()).answer(gone.body, gone);
    expect((await stand.next()).query).toEqual({ limit: '500' });
  });

  it('is a 429 that says how long to wait', async () => {
    const stand = await startStand();
    const seen = reflectSlices(stand);
    const busy = recordedStatus('429');
    (await stand.next()).answer(busy.body, busy);
    await seen.clock.until(1000);
    expect(seen.told).toEqual(['disconnected KUBE_TOO_MANY_REQUESTS']);
  });
});

describe('the bytes of a watch', () => {
  const bytes = Buffer.concat([initial, later]);

  /** What is told when the bytes come in these pieces. */
  async function toldOf(pieces: readonly Uint8Array[]): Promise<string[]> {
    const stand = await ApiStand.start();
    const told: string[] = [];
    const client = clientOf(stand);
    const ended = new Promise<void>((resolve) => {
      const reflector = createReflector({
        client,
        type: resources.endpointSlices,
        decode: ({ metadata }) => `${metadata.name} ${metadata.resourceVersion ?? ''}`,
        onEvents: (events) => {
          for (const event of events) told.push(JSON.stringify(event, (_, value: unknown) => plain(value)));
          if (events.some(({ type }) => type === 'disconnected')) void reflector.stop().then(resolve);
        },
      });
      reflector.start();
    });
    const watch = await stand.next();
    watch.open();
    for (const piece of pieces) {
      watch.sendBytes(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    watch.send(errorEvent(500, 'the end'));
    await ended;
    await client.close();
    await stand.stop();
    return told.slice(0, -1);
  }
  const plain = (value: unknown): unknown => (value instanceof Map ? [...value.entries()] : value);

  const cuts = fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
  it('mean the same in any pieces, also in pieces of one', async () => {
    const whole = await toldOf([bytes]);
    expect(whole).toHaveLength(2 + eventsOf(later).length);
    await fc.assert(
      fc.asyncProperty(cuts, async (given) => {
        const places = [0, ...new Set(given), bytes.length].sort((one, other) => one - other);
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(await toldOf(pieces)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
    const ones = [...bytes].map((_, index) => bytes.subarray(index, index + 1));
    expect(await toldOf(ones)).toEqual(whole);
  });
});
