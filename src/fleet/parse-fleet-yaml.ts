import { checkFleet } from './check-fleet.js';
import type { Fleet } from './fleet.js';
import { readPlacedYaml } from './placed-yaml.js';

/**
 * Reads a fleet.yaml.
 *
 * @throws YouzanKubeError `FLEET_INVALID` with every finding as `file:line:column: message`.
 */
export function parseFleetYaml(text: string, { file }: { readonly file: string }): Fleet {
  return readPlacedYaml(text, { file, code: 'FLEET_INVALID', needs: 'idcs', check: checkFleet });
}
