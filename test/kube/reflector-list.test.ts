import { describe, expect, it } from 'vitest';
import type { ApiStand } from './api-stand.js';
import {
  added,
  bookmark,
  deleted,
  errorEvent,
  listEnd,
  modified,
  object,
  reflect,
  type Reflected,
  synced,
} from './reflecting.js';
import { clientOf, startStand } from './stands.js';

const maps = '/api/v1/namespaces/shop/configmaps';

describe('the streaming list', () => {
  it('is asked for first, consistent and with bookmarks', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand), { labelSelector: 'app' });
    seen.reflector.start();
    const { method, path, query } = await stand.next();
    expect([method, path, query]).toEqual([
      'GET',
      maps,
      {
        watch: 'true',
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        allowWatchBookmarks: 'true',
        labelSelector: 'app',
        timeoutSeconds: '600',
      },
    ]);
  });

  it('is told in one piece, when it is complete', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    seen.reflector.start();
    const watch = await stand.next();
    watch.open();
    watch.send(added('a', 5), added('b', 7));
    // A bookmark of the usual kind ends no list.
    watch.send(bookmark(8));
    watch.send(modified('a', 9), deleted('b', 9), added('c', 9));
    expect([seen.told, seen.reflector.hasSynced]).toEqual([[], false]);
    watch.send(listEnd(10));
    await seen.until(() => seen.told.length === 2);
    expect(seen.told).toEqual(['replaced a@9,c@9 at 10', 'connected']);
    expect(seen.reflector.hasSynced).toBe(true);
  });

  it('goes on as a watch on the same stream', async () => {
    const { stand, seen, watch } = await synced();
    watch.send(added('b', 11), modified('a', 12), deleted('b', 13), bookmark(20));
    await seen.until(() => seen.told.length === 4);
    expect(seen.told).toEqual(['upserted b@11', 'upserted a@12', 'removed shop/b', 'bookmark 20']);
    expect(stand.received).toHaveLength(1);
  });

  it('is asked for again when it breaks before it is complete, and nothing was told of it', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    seen.reflector.start();
    const first = await stand.next();
    first.open();
    first.send(added('a', 5));
    first.end();
    await seen.clock.until(200);
    await seen.clock.advance(200);
    const { query } = await stand.next();
    expect(query).toMatchObject({ sendInitialEvents: 'true' });
    expect([seen.told, seen.reflector.hasSynced]).toEqual([['disconnected KUBE_UNREACHABLE'], false]);
  });

  it('asks the server for an end between 5 and 10 minutes', async () => {
    const stand = await startStand();
    reflect(clientOf(stand), { random: () => 0 }).reflector.start();
    expect((await stand.next()).query).toMatchObject({ timeoutSeconds: '300' });
  });
});

describe('a server that has no streaming list', () => {
  const noStreams = { kind: 'Status', reason: 'Invalid', code: 422 };
  const page = (names: readonly string[], token: string): object => ({
    metadata: { resourceVersion: '10', continue: token },
    items: names.map((name) => object(name, 5)),
  });
  const twoPages = async (stand: ApiStand): Promise<void> => {
    const first = await stand.next();
    expect([first.path, first.query]).toEqual([maps, { limit: '500' }]);
    first.answer(page(['a', 'b'], 'next'));
    const second = await stand.next();
    expect(second.query).toEqual({ limit: '500', continue: 'next' });
    second.answer(page(['c'], ''));
  };
  async function refused(): Promise<{ stand: ApiStand; seen: Reflected }> {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    seen.reflector.start();
    (await stand.next()).answer(noStreams, { status: 422 });
    return { stand, seen };
  }

  it('is asked for pages at once, then for a watch from where they end', async () => {
    const { stand, seen } = await refused();
    await twoPages(stand);
    const { query } = await stand.next();
    expect(query).toEqual({ watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '600', resourceVersion: '10' });
    expect(seen.told).toEqual(['replaced a@5,b@5,c@5 at 10']);
  });

  it('is connected when the watch is open, not before', async () => {
    const { stand, seen } = await refused();
    await twoPages(stand);
    const watch = await stand.next();
    expect(seen.told).not.toContain('connected');
    watch.open();
    await seen.until(() => seen.told.at(-1) === 'connected');
  });

  it('is not asked for a stream again', async () => {
    const { stand, seen } = await refused();
    await twoPages(stand);
    const watch = await stand.next();
    watch.open();
    watch.send(errorEvent(410, 'too old'));
    await twoPages(stand);
    await seen.until(() => seen.told.filter((line) => line.startsWith('replaced')).length === 2);
  });

  it('is asked for the first page again at once when the token has expired', async () => {
    const { stand, seen } = await refused();
    (await stand.next()).answer(page(['a'], 'next'));
    (await stand.next()).answer({ kind: 'Status', reason: 'Expired', code: 410 }, { status: 410 });
    await twoPages(stand);
    await seen.until(() => seen.told.includes('replaced a@5,b@5,c@5 at 10'));
    expect(seen.told[0]).toBe('disconnected KUBE_GONE');
  });

  it('has its list told whole or not at all', async () => {
    const { stand, seen } = await refused();
    (await stand.next()).answer(page(['a'], 'next'));
    (await stand.next()).answer('', { status: 500 });
    await seen.clock.until(200);
    expect([seen.told, seen.reflector.hasSynced]).toEqual([['disconnected KUBE_SERVER_ERROR'], false]);
  });
});
