export type {
  ClaimAnswer,
  Gateway,
  GatewayCallOptions,
  GatewayStatus,
  GatewayWorker,
  SourceContent,
  SourceSummary,
  SourceWrite,
  WriteAnswer,
} from './gateway.js';
export { GatewayError, isGatewayError } from './error.js';
export type { GatewayErrorCode } from './error.js';
export { createYz7Gateway } from './yz7/index.js';
export type { Yz7GatewayOptions } from './yz7/index.js';
