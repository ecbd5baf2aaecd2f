export type {
  AddressConflict,
  ClaimAnswer,
  EffectiveContent,
  EffectiveServer,
  Gateway,
  GatewayCallOptions,
  GatewayLimit,
  GatewayStatus,
  GatewayWorker,
  SourceContent,
  SourceSummary,
  SourceWrite,
  WriteAnswer,
} from './gateway.js';
export { effectiveOf } from './effective.js';
export { GatewayError, isGatewayError } from './error.js';
export type { GatewayErrorCode } from './error.js';
export { createGateway, type GatewayOptions } from './create.js';
export { createHaproxyGateway } from './haproxy/index.js';
export type { HaproxyGatewayOptions } from './haproxy/index.js';
export { createYz7Gateway } from './yz7/index.js';
export type { Yz7GatewayOptions } from './yz7/index.js';
