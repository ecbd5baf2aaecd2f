export { connectFleet, type ConnectFleetOptions, type FleetConnections } from './connect-fleet.js';
export { defineFleet } from './define-fleet.js';
export type { Fleet, FleetCluster, FleetGateway, FleetHaproxyGateway, FleetYz7Gateway } from './fleet.js';
export { parseFleetYaml } from './parse-fleet-yaml.js';
export type { FleetInput } from './schema.js';
export { clustersOf, type GatewayAddress, gatewaysOf, type Yz7Address } from './select.js';
