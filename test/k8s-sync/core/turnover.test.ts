// Apps are released for years: what comes and goes leaves nothing behind.
import { expect, it } from 'vitest';
import { Play, type Pods } from './play.js';

/** A pod of each round, with an address of its own. */
const podOf = (round: number): string => String.fromCharCode(0x4e00 + round);

it('keeps nothing of pods that are gone, though something is always under way', () => {
  const play = Play.live({ a: 'ready' });
  const placed = () => play.entry?.placed['g1'];
  /** A pod comes, an earlier one ends, a still earlier one is gone. */
  const podsIn = (round: number): Pods => ({
    a: 'ready',
    [podOf(round)]: 'ready',
    ...(round >= 1 && { [podOf(round - 1)]: 'ready' }),
    ...(round >= 2 && { [podOf(round - 2)]: 'ended' }),
    ...(round >= 3 && { [podOf(round - 3)]: 'ended' }),
  });
  const sizes: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    // A write is confirmed when the next one is on its way, so that no moment is quiet.
    if (placed()?.inFlight != null) play.written();
    play.see(podsIn(round));
    expect(placed()?.inFlight).not.toBeNull();
    if ((placed()?.unconfirmed.length ?? 0) > 0) play.confirmed();
    play.wait(1100);
    play.beat();
    sizes.push(JSON.stringify(play.entry).length);
  }
  expect(Math.max(...sizes.slice(-10))).toBeLessThan(1.05 * Math.max(...sizes.slice(5, 15)));
});
