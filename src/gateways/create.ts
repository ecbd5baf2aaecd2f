import type { Gateway } from './gateway.js';
import { createHaproxyGateway, type HaproxyGatewayOptions } from './haproxy/index.js';
import { createYz7Gateway, type Yz7GatewayOptions } from './yz7/index.js';

/** A gateway of any kind. `kind` defaults to `yz7`. */
export type GatewayOptions =
  ({ readonly kind?: 'yz7' } & Yz7GatewayOptions) | ({ readonly kind: 'haproxy' } & HaproxyGatewayOptions);

/**
 * The writer's side of one instance, whatever its kind: what `gatewaysOf` gives of a fleet.
 *
 * @throws {@link YouzanKubeError} `GATEWAY_OPTIONS`, see {@link createHaproxyGateway}.
 *
 * @example
 * const gateways = gatewaysOf(fleet, 'prod').map((address) => createGateway(address));
 */
export function createGateway(options: GatewayOptions): Gateway {
  return options.kind === 'haproxy' ? createHaproxyGateway(options) : createYz7Gateway(options);
}
