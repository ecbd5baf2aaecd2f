export { createYz7Gateway } from './client.js';
export type { Yz7GatewayOptions } from './client.js';
