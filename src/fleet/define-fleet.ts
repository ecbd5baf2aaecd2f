import { findingsError } from '../conventions/index.js';
import { checkFleet, dotted } from './check-fleet.js';
import type { Fleet } from './fleet.js';
import type { FleetInput } from './schema.js';

/**
 * A fleet from data, for those who don't keep it in YAML.
 *
 * @example
 * const fleet = defineFleet({ idcs: { bc: { clusters: { 'bc-a': { version: '1.34' }, 'bc-b': { version: '1.34' } } } } });
 * @throws YouzanKubeError `FLEET_INVALID` with every finding.
 */
export function defineFleet(input: FleetInput): Fleet {
  const checked = checkFleet(input);
  if ('value' in checked) return checked.value;
  const findings = checked.findings.map(({ path, message }) => ({ path: dotted(path), message }));
  throw findingsError('FLEET_INVALID', 'the fleet is not valid', findings);
}
