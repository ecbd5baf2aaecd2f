import * as v from 'valibot';
import { nearestOf, YouzanKubeError } from '../conventions/index.js';
import type { Fleet, FleetCluster, FleetGateway } from './fleet.js';
import { type FleetInput, fleetSchema, knownKeys } from './schema.js';

/** One thing that is wrong, and where in the document. */
export interface FleetFinding {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Checks the whole document; the fleet, or every finding. */
export function checkFleet(input: unknown): { readonly fleet: Fleet } | { readonly findings: readonly FleetFinding[] } {
  const parsed = v.safeParse(fleetSchema, input);
  if (!parsed.success) return { findings: parsed.issues.map(findingOf) };
  const { idcs, environments } = parsed.output;
  const clusters: FleetCluster[] = [];
  const findings: FleetFinding[] = [];
  for (const [idc, { clusters: inIdc }] of Object.entries(idcs)) {
    for (const [name, cluster] of Object.entries(inIdc)) {
      const other = clusters.find((known) => known.name === name);
      if (other !== undefined)
        findings.push({
          path: ['idcs', idc, 'clusters', name],
          message: `cluster ${name} is also in IDC ${other.idc}; names are unique in a fleet`,
        });
      clusters.push({ name, idc, ...cluster });
    }
  }
  const gateways: Record<string, readonly FleetGateway[]> = {};
  for (const [environment, { gateways: instances }] of Object.entries(environments)) {
    gateways[environment] = instances;
    for (const [index, { name, idc }] of instances.entries()) {
      const path = ['environments', environment, 'gateways', index];
      if (!Object.hasOwn(idcs, idc))
        findings.push({
          path: [...path, 'idc'],
          message: `IDC ${idc} is not in the fleet; it has ${Object.keys(idcs).join(', ')}`,
        });
      if (instances.findIndex((instance) => instance.name === name) < index)
        findings.push({ path: [...path, 'name'], message: `gateway ${name} is there twice` });
    }
  }
  return findings.length > 0 ? { findings } : { fleet: { clusters, gateways } };
}

function findingOf(issue: v.BaseIssue<unknown>): FleetFinding {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const last = path.at(-1);
  if (issue.expected === 'never' && typeof last === 'string') {
    const near = nearestOf(last, knownKeys(path.slice(0, -1)));
    return {
      path,
      message: `unknown key "${last}"${near === undefined ? `; known are ${knownKeys(path.slice(0, -1)).join(', ')}` : `; did you mean "${near}"?`}`,
    };
  }
  return { path, message: issue.message };
}

/**
 * A fleet from data, for those who don't keep it in YAML.
 *
 * @example
 * const fleet = defineFleet({ idcs: { bc: { clusters: { 'bc-a': { version: '1.34' }, 'bc-b': { version: '1.34' } } } } });
 * @throws YouzanKubeError `FLEET_INVALID` with every finding.
 */
export function defineFleet(input: FleetInput): Fleet {
  const checked = checkFleet(input);
  if ('fleet' in checked) return checked.fleet;
  throw new YouzanKubeError(
    'FLEET_INVALID',
    `the fleet has findings:\n${checked.findings.map(({ path, message }) => `${path.join('.') || 'fleet'}: ${message}`).join('\n')}`,
  );
}
