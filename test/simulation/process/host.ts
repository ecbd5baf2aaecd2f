import type { Clock } from '../clock.js';

/** The process to which answers come: they wait while it stands still, and are lost when it has died. */
export interface Host {
  readonly clock: Clock;
  /** Who settles a promise in it tells the timeline. */
  receive(run: () => void): void;
  sleep(ms: number): Promise<void>;
}
