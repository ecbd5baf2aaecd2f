import { readFileSync } from 'node:fs';
import { nearestOf, YouzanKubeError } from '../conventions/index.js';
import type { Fleet, FleetCluster, FleetHaproxyGateway, FleetYz7Gateway } from './fleet.js';

/**
 * The fleet's clusters, or those named, in the fleet's order.
 *
 * @throws YouzanKubeError `FLEET_UNKNOWN_CLUSTER`.
 */
export function clustersOf(fleet: Fleet, only?: readonly string[]): readonly FleetCluster[] {
  const known = fleet.clusters.map(({ name }) => name);
  for (const name of only ?? []) {
    if (known.includes(name)) continue;
    const near = nearestOf(name, known);
    throw new YouzanKubeError(
      'FLEET_UNKNOWN_CLUSTER',
      `no cluster "${name}" in the fleet; it has ${known.join(', ')}`,
      {
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      },
    );
  }
  return only === undefined ? fleet.clusters : fleet.clusters.filter(({ name }) => only.includes(name));
}

/** One gateway instance with the way to it, as `createGateway` takes it. */
export type GatewayAddress = Yz7Address | FleetHaproxyGateway;

export interface Yz7Address extends Pick<FleetYz7Gateway, 'kind' | 'name' | 'idc' | 'url'> {
  /** Reads the token anew at each call, so that a renewed one is taken up. */
  readonly token: () => string;
}

/**
 * An environment's gateway instances.
 *
 * @throws YouzanKubeError `FLEET_UNKNOWN_ENVIRONMENT`; the tokens' functions throw `FLEET_NO_TOKEN`.
 */
export function gatewaysOf(fleet: Fleet, environment: string): readonly GatewayAddress[] {
  const instances = Object.hasOwn(fleet.gateways, environment) ? fleet.gateways[environment] : undefined;
  if (instances === undefined) {
    throw new YouzanKubeError(
      'FLEET_UNKNOWN_ENVIRONMENT',
      `no environment "${environment}" in the fleet; it has ${Object.keys(fleet.gateways).join(', ') || 'none'}`,
    );
  }
  return instances.map((instance) => {
    if (instance.kind === 'haproxy') return instance;
    const { kind, name, idc, url } = instance;
    return { kind, name, idc, url, token: () => tokenOf(instance) };
  });
}

function tokenOf({ name, tokenEnv, tokenFile }: FleetYz7Gateway): string {
  const fail = (what: string, hint: string, cause?: unknown): YouzanKubeError =>
    new YouzanKubeError('FLEET_NO_TOKEN', `gateway ${name}: ${what}`, { path: name, hint, cause });
  if (tokenEnv !== undefined) {
    const token = process.env[tokenEnv];
    if (token === undefined || token === '')
      throw fail(`the variable ${tokenEnv} is not set`, 'set it to the token of the admin API');
    return token;
  }
  let token: string;
  try {
    token = readFileSync(tokenFile ?? '', 'utf8').trim();
  } catch (error) {
    throw fail(`can't read its token from ${tokenFile ?? ''}`, 'check the path and its permissions', error);
  }
  if (token === '') throw fail(`its token file ${tokenFile ?? ''} is empty`, 'write the token of the admin API to it');
  return token;
}
