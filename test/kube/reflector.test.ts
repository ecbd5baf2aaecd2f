import { describe, expect, it } from 'vitest';
import type { Exchange } from './api-stand.js';
import { added, bookmark, errorEvent, listEnd, reflect, synced } from './reflecting.js';
import { clientOf, startStand } from './stands.js';

describe('a watch', () => {
  it('that the server ends goes on from the last event or bookmark', async () => {
    const { stand, seen, watch } = await synced();
    watch.send(added('b', 12));
    watch.end();
    // It was short: a server that ends each stream at once is not asked without pause.
    await seen.clock.until(200);
    await seen.clock.advance(200);
    const second = await stand.next();
    expect(second.query).toMatchObject({ resourceVersion: '12' });
    second.open();
    second.send(bookmark(40));
    await seen.until(() => seen.told.includes('bookmark 40'));
    await seen.clock.advance(1000);
    second.end();
    const { query } = await stand.next();
    expect(query).toEqual({ watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '600', resourceVersion: '40' });
    expect(seen.told).toEqual(['upserted b@12', 'connected', 'bookmark 40']);
  });

  it('that breaks in the middle of a line keeps what came whole, and goes on behind it', async () => {
    const { stand, seen, watch } = await synced();
    watch.send(added('b', 12));
    watch.sendBytes(JSON.stringify(added('c', 13)).slice(0, 30));
    watch.end();
    await seen.clock.until(200);
    expect(seen.told).toEqual(['upserted b@12', 'disconnected KUBE_UNREACHABLE']);
    await seen.clock.advance(200);
    expect((await stand.next()).query).toMatchObject({ resourceVersion: '12' });
  });

  it('that breaks is not connected again before the next one is open', async () => {
    const { stand, seen, watch } = await synced();
    watch.cut();
    await seen.clock.until(200);
    await seen.clock.advance(200);
    const second = await stand.next();
    expect(seen.told).toEqual(['disconnected KUBE_UNREACHABLE']);
    second.open();
    await seen.until(() => seen.told.length > 1);
    expect(seen.told[1]).toBe('connected');
  });

  const gone: readonly [string, (watch: Exchange) => void][] = [
    [
      'an ERROR event, with the stream still open',
      (watch) => {
        watch.open();
        watch.send(errorEvent(410, 'too old'));
      },
    ],
    ['its answer', (watch) => watch.answer({ kind: 'Status', reason: 'Expired' }, { status: 410 })],
  ];
  it.each(gone)('whose version is gone by %s leads to a new list at once', async (_, answer) => {
    const { stand, seen, watch } = await synced();
    watch.end();
    await seen.clock.until(200);
    await seen.clock.advance(200);
    const second = await stand.next();
    answer(second);
    const list = await stand.next();
    expect(list.query).toMatchObject({ sendInitialEvents: 'true' });
    expect(list.query).not.toHaveProperty('resourceVersion');
    expect(seen.clock.waiting.filter((ms) => ms !== 90_000)).toEqual([]);
    await second.closed;
    list.open();
    list.send(added('z', 50), listEnd(60));
    await seen.until(() => seen.told.includes('replaced z@50 at 60'));
    expect([...seen.store.keys()]).toEqual(['shop/z']);
  });

  it('keeps what is known until a new list is complete', async () => {
    const { stand, seen, watch } = await synced();
    watch.send(errorEvent(410, 'too old'));
    const list = await stand.next();
    list.open();
    list.send(added('z', 50));
    list.cut();
    await seen.clock.until((ms) => ms > 0 && ms < 90_000);
    expect([...seen.store.keys()]).toEqual(['shop/a']);
  });

  it('with an ERROR event of another kind is left, though it stays open, and goes on after a wait', async () => {
    const { stand, seen, watch } = await synced();
    watch.send(added('b', 12), errorEvent(500, 'etcdserver: no leader'));
    await seen.clock.until(200);
    await watch.closed;
    expect(seen.told).toEqual(['upserted b@12', 'disconnected KUBE_SERVER_ERROR']);
    await seen.clock.advance(200);
    expect((await stand.next()).query).toMatchObject({ resourceVersion: '12' });
  });

  it.each([429, 503])('that is refused with %i waits as long as Retry-After says', async (status) => {
    const { stand, seen, watch } = await synced();
    watch.end();
    await seen.clock.until(200);
    await seen.clock.advance(200);
    (await stand.next()).answer('', { status, headers: { 'retry-after': '7' } });
    await seen.clock.until(7000);
    await seen.clock.advance(6999);
    const before = stand.received.length;
    await seen.clock.advance(1);
    await stand.next();
    expect([before, stand.received.length]).toEqual([2, 3]);
  });

  it('that is refused again and again waits longer each time, until it works', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    seen.reflector.start();
    for (const wait of [200, 400, 800, 1600]) {
      (await stand.next()).answer('', { status: 503 });
      await seen.clock.until(wait);
      await seen.clock.advance(wait);
    }
    const watch = await stand.next();
    watch.open();
    watch.send(listEnd(10), added('a', 11));
    await seen.until(() => seen.told.includes('upserted a@11'));
    watch.cut();
    await seen.clock.until(200);
  });

  it('that is refused after a long time was not open for so long: it waits longer each time, too', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    seen.reflector.start();
    for (const wait of [200, 400, 800]) {
      const watch = await stand.next();
      await seen.clock.advance(40_000);
      watch.answer('', { status: 504 });
      await seen.clock.until(wait);
      await seen.clock.advance(wait);
    }
  });

  it('that is silent for 90 s is taken for dead, and the list for old', async () => {
    const { stand, seen, watch } = await synced();
    await seen.clock.advance(89_000);
    watch.send(bookmark(20));
    await seen.until(() => seen.told.includes('bookmark 20'));
    await seen.clock.advance(89_000);
    expect(seen.told).toEqual(['bookmark 20']);
    await seen.clock.advance(1000);
    await watch.closed;
    await seen.until(() => seen.told.includes('disconnected KUBE_TIMEOUT'));
    await seen.clock.until(200);
    await seen.clock.advance(200);
    expect((await stand.next()).query).toMatchObject({ sendInitialEvents: 'true' });
  });
});
