import type { Timeline } from './timeline.js';

/** One process's monotonic clock: an origin and a rate of its own, jumps forward, and standstill of its machine. */
export class Clock {
  readonly #timeline: Timeline;
  readonly #rate: number;
  readonly #jumps: { readonly at: number; readonly by: number }[];
  readonly #standstills: { readonly since: number; readonly until: number }[] = [];

  constructor(timeline: Timeline, origin: number, rate: number) {
    this.#timeline = timeline;
    this.#rate = rate;
    this.#jumps = [{ at: -Infinity, by: origin }];
  }

  now(): number {
    return this.at(this.#timeline.now);
  }

  /** What it showed at a moment of the timeline. */
  at(time: number): number {
    const jumped = this.#jumps.reduce((sum, jump) => (jump.at <= time ? sum + jump.by : sum), 0);
    const stood = this.#standstills.reduce(
      (sum, { since, until }) => sum + Math.max(0, Math.min(time, until) - since),
      0,
    );
    return this.#rate * (time - stood) + jumped;
  }

  /** How long the timeline goes on until the clock shows this. */
  until(shown: number): number {
    return Math.max(0, (shown - this.now()) / this.#rate);
  }

  jump(by: number): void {
    this.#jumps.push({ at: this.#timeline.now, by });
  }

  /** The machine was suspended since then: for its clock no time has passed. */
  stoodStill(since: number): void {
    this.#standstills.push({ since, until: this.#timeline.now });
  }
}
