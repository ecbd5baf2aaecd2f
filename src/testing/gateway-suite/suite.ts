import { claimCases } from './claims.js';
import type { GatewaySuiteCase } from './context.js';
import { readingCases } from './reading.js';
import { trafficCases } from './traffic.js';
import { writeCases } from './writes.js';

/**
 * What every `Gateway` holds, as data: run it against your own. A case that the gateway's `limits` or the context rule out
 * answers `skipped`; a rule that is broken throws. It needs no test runner, makes source names of its own and leaves the
 * upstreams empty. Cases run one after another.
 *
 * @example
 * for (const { name, run } of gatewaySuite) {
 *   it(name, async () => void (await run(context)));
 * }
 */
export const gatewaySuite: readonly GatewaySuiteCase[] = [
  ...claimCases,
  ...writeCases,
  ...readingCases,
  ...trafficCases,
];
