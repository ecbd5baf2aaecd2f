import { YouzanKubeError, type YouzanKubeErrorOptions } from '../conventions/error.js';

/** The contract's error codes, then those that have no answer behind them. */
export type GatewayErrorCode =
  | 'BAD_JSON'
  | 'UNAUTHORIZED'
  | 'NOT_OWNER'
  | 'NOT_FOUND'
  | 'TOO_LARGE'
  | 'INVALID_SERVER'
  | 'STALE_GENERATION'
  | 'GENERATION_CONFLICT'
  | 'CLAIM_CONFLICT'
  | 'UNCLAIMED'
  | 'REVISION_MISMATCH'
  | 'EMPTY_GUARD'
  | 'SHRINK_GUARD'
  | 'UPSTREAM_IN_USE'
  | 'RATE_LIMITED'
  | 'STORE_UNAVAILABLE'
  | 'NOT_IMPLEMENTED'
  | 'SERVER_ERROR'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'BAD_ANSWER';

/** What the gateway said, or why it could not be asked. `path` is the instance's name. */
export class GatewayError extends YouzanKubeError {
  declare readonly code: GatewayErrorCode;
  readonly status: number | undefined;
  /** True when the same write may be sent again and can then succeed. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;

  constructor(
    code: GatewayErrorCode,
    message: string,
    options: YouzanKubeErrorOptions & {
      readonly status?: number;
      readonly retryable?: boolean;
      readonly retryAfterMs?: number;
      readonly details?: unknown;
    } = {},
  ) {
    super(code, message, options);
    this.name = 'GatewayError';
    this.status = options.status;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }
}

/** True for a {@link GatewayError}, of this code when one is given. */
export function isGatewayError(value: unknown, code?: GatewayErrorCode): value is GatewayError {
  return (
    value instanceof Error &&
    value.name === 'GatewayError' &&
    (code === undefined || ('code' in value && value.code === code))
  );
}
