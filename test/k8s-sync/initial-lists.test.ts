import { afterEach, describe, expect, it, vi } from 'vitest';
import { createInitialLists } from '../../src/k8s-sync/index.js';
import { startSyncWorld } from './world.js';

describe('createInitialLists', () => {
  afterEach(() => vi.useRealTimers());
  const never = new AbortController().signal;

  it('lets so many list at once, and the next one when one of them has ended', async () => {
    const lists = createInitialLists({ atOnce: 2 });
    const began: string[] = [];
    const take = (name: string, signal = never): Promise<() => void> =>
      lists.take(signal).then((end) => {
        began.push(name);
        return end;
      });
    const [, end] = await Promise.all([take('a'), take('b')]);
    const third = take('c');
    void take('d');
    await Promise.resolve();
    expect(began).toEqual(['a', 'b']);
    end();
    end();
    await third;
    expect(began).toEqual(['a', 'b', 'c']);
  });

  it('lets the next one begin when a list hangs past its deadline', async () => {
    vi.useFakeTimers();
    const lists = createInitialLists({ atOnce: 1, deadlineMs: 500 });
    const hanging = await lists.take(never);
    let began = false;
    const next = lists.take(never).then(() => (began = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(began).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await next;
    // The late end of the one that hung frees no second place.
    hanging();
    let third = false;
    void lists.take(never).then(() => (third = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(third).toBe(false);
  });

  it('keeps no place for one that is stopped while it waits', async () => {
    const lists = createInitialLists({ atOnce: 1 });
    const first = await lists.take(never);
    const ending = new AbortController();
    const stopped = lists.take(ending.signal);
    ending.abort();
    (await stopped)();
    const next = lists.take(never);
    first();
    await next;
  });

  it('refuses none at once', () => {
    expect(() => createInitialLists({ atOnce: 0 })).toThrow(RangeError);
  });

  it('holds a syncer back until its turn, and lets it go live then', async () => {
    const world = await startSyncWorld();
    try {
      const initialLists = createInitialLists({ atOnce: 1 });
      const end = await initialLists.take(never);
      const sync = world.newSync({ initialLists });
      await sync.start();
      await expect.poll(() => sync.metrics().leader, { timeout: 10_000 }).toBe(true);
      expect(sync.state()).toBe('syncing');
      end();
      await expect.poll(() => sync.state(), { timeout: 10_000 }).toBe('live');
      // Its turn is over: the next one's begins.
      (await initialLists.take(never))();
    } finally {
      await world.end();
    }
  });
});
