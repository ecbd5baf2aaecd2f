// When what is seen can't be trusted any more: silence that goes over several watches, and a watch that broke.
import { describe, expect, it } from 'vitest';
import type { ApiStand, Exchange } from './api-stand.js';
import { bookmark, type Reflected, synced, syncedWith } from './reflecting.js';

const isNewList = ({ query }: Exchange): boolean => query['sendInitialEvents'] === 'true';

/** The next request, once the reflector has waited its shortest time. */
async function afterShortWait(stand: ApiStand, seen: Reflected): Promise<Exchange> {
  await seen.clock.until(200);
  await seen.clock.advance(200);
  return await stand.next();
}

describe('a silence', () => {
  it('goes on from one watch to the next: what each of them ends in time does not break it', async () => {
    const { stand, seen, watch } = await synced();
    await seen.clock.advance(60_000);
    watch.end();
    const second = await stand.next();
    expect(isNewList(second)).toBe(false);
    second.open();
    await seen.clock.advance(30_000);
    await second.closed;
    await seen.until(() => seen.told.includes('disconnected KUBE_TIMEOUT'));
    expect(isNewList(await afterShortWait(stand, seen))).toBe(true);
  });

  it('of a server that was away for longer than that leads to a new list at once, not to a watch', async () => {
    const { stand, seen, watch } = await synced();
    watch.cut();
    const second = await afterShortWait(stand, seen);
    expect(isNewList(second)).toBe(false);
    second.answer('', { status: 503, headers: { 'retry-after': '100' } });
    await seen.clock.until(100_000);
    await seen.clock.advance(100_000);
    expect(isNewList(await stand.next())).toBe(true);
  });

  it('is over with a bookmark', async () => {
    const { stand, seen, watch } = await synced();
    await seen.clock.advance(60_000);
    watch.send(bookmark(20));
    await seen.until(() => seen.told.includes('bookmark 20'));
    watch.end();
    const second = await stand.next();
    second.open();
    await seen.clock.advance(89_000);
    expect(seen.told).toEqual(['bookmark 20']);
  });
});

describe('a reflector that lists after a break', () => {
  const lists = { afterBreak: 'list' } as const;

  it('lists anew when a watch broke', async () => {
    const { stand, seen, watch } = await syncedWith(lists);
    watch.cut();
    await seen.until(() => seen.told.includes('disconnected KUBE_UNREACHABLE'));
    expect(isNewList(await afterShortWait(stand, seen))).toBe(true);
  });

  it('lists anew when the server ended it in good order before its time, as one does that shuts down', async () => {
    const { stand, seen, watch } = await syncedWith(lists);
    await seen.clock.advance(30_000);
    watch.end();
    await seen.until(() => seen.told.includes('disconnected KUBE_UNREACHABLE'));
    expect(isNewList(await afterShortWait(stand, seen))).toBe(true);
  });

  it('goes on with a watch after one that had its full time', async () => {
    const { stand, seen, watch } = await syncedWith(lists);
    for (let passed = 0; passed < 600_000; passed += 60_000) {
      watch.send(bookmark(20 + passed));
      await seen.until(() => seen.told.includes(`bookmark ${20 + passed}`));
      await seen.clock.advance(60_000);
    }
    watch.end();
    const second = await stand.next();
    expect(second.query).toMatchObject({ resourceVersion: '540020' });
    expect(seen.told.filter((told) => told.startsWith('disconnected'))).toEqual([]);
  });
});
