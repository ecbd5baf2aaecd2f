import { describe, expect, it } from 'vitest';
import { Watchdog } from '../../src/kube/watchdog.js';
import { FakeClock } from './fake-clock.js';

describe('a watchdog', () => {
  it('bites when nothing was heard for so long', async () => {
    const clock = new FakeClock();
    const dog = new Watchdog(clock, 1000, clock.now());
    await clock.advance(999);
    expect(dog.bitten.aborted).toBe(false);
    await clock.advance(1);
    expect([dog.bitten.aborted, clock.waiting]).toEqual([true, []]);
  });

  it('counts from what was heard last', async () => {
    const clock = new FakeClock();
    const dog = new Watchdog(clock, 1000, clock.now());
    for (let heard = 0; heard < 3; heard += 1) {
      await clock.advance(900);
      dog.heard();
    }
    await clock.advance(999);
    expect(dog.bitten.aborted).toBe(false);
    await clock.advance(1);
    expect(dog.bitten.aborted).toBe(true);
  });

  it('sets no timer for each thing that it hears', async () => {
    const clock = new FakeClock();
    const dog = new Watchdog(clock, 1000, clock.now());
    for (let heard = 0; heard < 1000; heard += 1) dog.heard();
    await clock.advance(500);
    expect(clock.asked).toEqual([1000]);
    dog.end();
  });

  it('leaves no timer behind when its watch ends, and bites no more', async () => {
    const clock = new FakeClock();
    const dog = new Watchdog(clock, 1000, clock.now());
    dog.end();
    expect(clock.waiting).toEqual([]);
    await clock.advance(5000);
    expect(dog.bitten.aborted).toBe(false);
  });
});
