import { isServing, type Server } from '../../members/server.js';
import { Problem } from './problem.js';

const windowMs = 60_000;
/** So many serving servers may be lost at once whatever their share. */
const freeLoss = 2;

/** Serving servers by color and service chain. */
function countServing(servers: readonly Server[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const server of servers) {
    if (!isServing(server)) continue;
    const group = `${server.labels.color ?? ''}|${server.labels.sc ?? ''}`;
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return counts;
}

/** The highest count of a group is what stands now or was in force within the window. */
interface Past {
  readonly count: number;
  readonly until: number;
}

/**
 * Refuses a write that takes away too many serving servers of one (upstream, source, color, sc) at once, measured
 * against the highest number of the last 60 s. A write that lowers no group's number passes.
 */
export class Guards {
  readonly #maxShrinkRatio: number;
  readonly #past = new Map<string, Past[]>();

  constructor(maxShrinkRatio: number) {
    this.#maxShrinkRatio = maxShrinkRatio;
  }

  /** Throws 409 `EMPTY_GUARD` or `SHRINK_GUARD`. */
  check(place: string, present: readonly Server[], next: readonly Server[], now: number): void {
    const after = countServing(next);
    for (const [group, count] of countServing(present)) {
      const left = after.get(group) ?? 0;
      if (left >= count) continue;
      const [color, sc] = group.split('|');
      const highest = Math.max(count, ...this.#recent(`${place}|${group}`, now).map((past) => past.count));
      const details = { color, sc, serving: left, highest };
      const what = `${place} (color ${JSON.stringify(color)}, sc ${JSON.stringify(sc)})`;
      if (left === 0) {
        throw new Problem(409, 'EMPTY_GUARD', `${what}: no serving server would be left of ${highest}`, { details });
      }
      if (left < highest * (1 - this.#maxShrinkRatio) && highest - left > freeLoss) {
        throw new Problem(409, 'SHRINK_GUARD', `${what}: ${left} of ${highest} serving servers would be left`, {
          details,
        });
      }
    }
  }

  /** To be called with every accepted write. */
  note(place: string, present: readonly Server[], next: readonly Server[], now: number): void {
    const after = countServing(next);
    for (const [group, count] of countServing(present)) {
      if ((after.get(group) ?? 0) === count) continue;
      const key = `${place}|${group}`;
      const recent = this.#recent(key, now);
      // Lower counts than the newest can never be the highest again.
      this.#past.set(key, [...recent.filter((past) => past.count > count), { count, until: now }]);
    }
  }

  #recent(key: string, now: number): Past[] {
    return (this.#past.get(key) ?? []).filter((past) => past.until >= now - windowMs);
  }
}
