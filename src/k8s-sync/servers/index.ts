export { type AdoptedAtGateway, adoptServers, type AdoptServersOptions } from './adopt-servers.js';
export { parseServersYaml, type ServersByUpstream } from './parse-servers-yaml.js';
export type { GatewayPut, PutTrouble, UpstreamPut } from './put-at-gateway.js';
export { putServers, type PutServersOptions, type PutServersResult } from './put-servers.js';
export type { HeldServers } from './server-change.js';
