import { choosingCases } from './choosing.js';
import { claimCases } from './claims.js';
import type { Yz7ContractCase } from './context.js';
import { durabilityCases } from './durability.js';
import { errorCases } from './errors.js';
import { guardCases } from './guards.js';
import { resourceCases } from './resources.js';
import { statusCases } from './status.js';
import { upstreamCases } from './upstreams.js';
import { writeCases } from './writes.js';

/**
 * The contract suite: every rule of `yz7-contract.md` as data. It speaks HTTP only, needs no test runner, and makes
 * names of its own, so that it can run against any implementation. Cases run one after another: some count revisions.
 *
 * @example
 * for (const { name, run } of yz7Contract) {
 *   it(name, async () => expect(await run(context)).toBe('passed'));
 * }
 */
export const yz7Contract: readonly Yz7ContractCase[] = [
  ...claimCases,
  ...writeCases,
  ...guardCases,
  ...upstreamCases,
  ...resourceCases,
  ...statusCases,
  ...errorCases,
  ...choosingCases,
  ...durabilityCases,
];
