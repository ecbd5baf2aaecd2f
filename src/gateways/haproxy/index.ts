export { createHaproxyGateway } from './client.js';
export type { HaproxyGatewayOptions } from './client.js';
