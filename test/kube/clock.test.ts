import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kube/clock.js';

describe("the machine's clock", () => {
  it('goes forward while it waits, for no less than it was asked to', async () => {
    const before = systemClock.now();
    await systemClock.wait(20, new AbortController().signal);
    // Node rounds timers to whole milliseconds.
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
  });

  it('ends a wait when it is aborted, or does not begin it', async () => {
    const stop = new AbortController();
    const waiting = systemClock.wait(1_000_000, stop.signal);
    stop.abort();
    await waiting;
    await systemClock.wait(1_000_000, stop.signal);
  });

  it('knows the time of day', () => {
    expect(Math.abs(systemClock.date().getTime() - Date.now())).toBeLessThan(1000);
  });
});
