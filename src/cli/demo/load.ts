import { check } from './check.js';
import type { ObserverReport } from './observer.js';
import type { World } from './world.js';

/** Ends the observer's period and fails the step when a request failed in it. */
export async function checkNoneFailed(world: World, next: string): Promise<ObserverReport> {
  const period = await world.observer.mark(next);
  check(
    period.failed === 0,
    `${period.failed} of ${period.requests} requests failed, the first: ${JSON.stringify(period.failures.slice(0, 5))}`,
  );
  check(period.requests > 0, 'the observer sent no request');
  return period;
}
