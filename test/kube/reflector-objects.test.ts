import { describe, expect, it } from 'vitest';
import { added, bookmark, deleted, errorEvent, listEnd, modified, reflect, synced } from './reflecting.js';
import { clientOf, startStand } from './stands.js';

describe('an object that cannot be read', () => {
  it('is reported, and the stream goes on', async () => {
    const { seen, watch } = await synced();
    watch.send(added('b', 11, 'bad'), added('c', 12));
    await seen.until(() => seen.told.includes('upserted c@12'));
    expect([seen.told, seen.bad]).toEqual([['upserted c@12'], ['shop/b']]);
  });

  it('keeps the last form that could', async () => {
    const { seen, watch } = await synced();
    watch.send(modified('a', 11, 'bad'), bookmark(12));
    await seen.until(() => seen.told.includes('bookmark 12'));
    expect([...seen.store.values()]).toEqual(['a@5']);
  });

  it('keeps it in a new list as well: not to be read is not to be gone', async () => {
    const { stand, seen, watch } = await synced(added('b', 6));
    watch.send(errorEvent(410, 'too old'));
    const list = await stand.next();
    list.open();
    list.send(added('a', 20, 'bad'), listEnd(30));
    await seen.until(() => seen.told.some((line) => line.startsWith('replaced')));
    expect([...seen.store.values()]).toEqual(['a@5']);
    list.send(deleted('a', 31));
    await seen.until(() => seen.told.at(-1) === 'removed shop/a');
  });

  it('is not in a list when it never could be read', async () => {
    const { seen } = await synced(added('b', 6, 'bad'));
    expect([[...seen.store.values()], seen.bad]).toEqual([['a@5'], ['shop/b']]);
  });
});

describe('an object that is of no interest', () => {
  it('is left out, and not told of when it changes or goes', async () => {
    const { seen, watch } = await synced(added('b', 6, 'ignored'));
    watch.send(modified('b', 11, 'ignored'), deleted('b', 12), bookmark(13));
    await seen.until(() => seen.told.includes('bookmark 13'));
    expect(seen.told).toEqual(['bookmark 13']);
  });

  it('is removed when it was of interest before, and comes back when it is again', async () => {
    const { seen, watch } = await synced();
    watch.send(modified('a', 11, 'ignored'), modified('a', 12));
    await seen.until(() => seen.told.length === 2);
    expect(seen.told).toEqual(['removed shop/a', 'upserted a@12']);
  });
});

describe('what is told', () => {
  it('comes together when it came together', async () => {
    const { seen, watch } = await synced();
    seen.calls.length = 0;
    watch.send(added('b', 11), added('c', 12), added('d', 13));
    await seen.until(() => seen.told.length === 3);
    expect(seen.calls).toEqual([3]);
  });

  it('is not changed afterwards', async () => {
    const lists: ReadonlyMap<string, string>[] = [];
    const stand = await startStand();
    const seen = reflect(clientOf(stand), {
      onEvents: (events) => {
        for (const event of events) if (event.type === 'replaced') lists.push(event.items);
      },
    });
    seen.reflector.start();
    const watch = await stand.next();
    watch.open();
    watch.send(added('a', 5), listEnd(10), added('b', 11), deleted('a', 12));
    await expect.poll(() => lists.length).toBe(1);
    expect([...lists[0]!.keys()]).toEqual(['shop/a']);
  });
});

describe('stop', () => {
  it('closes the stream at the server, and tells nothing more', async () => {
    const { stand, seen, watch } = await synced();
    watch.send(added('b', 11));
    const stopped = seen.reflector.stop();
    watch.send(added('c', 12));
    await stopped;
    await watch.closed;
    await expect.poll(() => stand.open).toBe(0);
    expect(seen.told.filter((line) => line !== 'upserted b@11')).toEqual([]);
    expect(seen.clock.waiting).toEqual([]);
  });

  it('ends a wait', async () => {
    const { stand, seen, watch } = await synced();
    watch.cut();
    await seen.clock.until(200);
    await seen.reflector.stop();
    expect([seen.clock.waiting, stand.received.length]).toEqual([[], 1]);
  });

  it('ends a list of pages, and one that nobody answers', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    seen.reflector.start();
    (await stand.next()).answer('', { status: 422 });
    const page = await stand.next();
    await seen.reflector.stop();
    await page.closed;
    expect(seen.told).toEqual([]);
  });

  it('is safe twice, before a start, and for good', async () => {
    const stand = await startStand();
    const seen = reflect(clientOf(stand));
    await Promise.all([seen.reflector.stop(), seen.reflector.stop()]);
    seen.reflector.start();
    await seen.reflector.stop();
    expect([stand.received, seen.told]).toEqual([[], []]);
  });
});
