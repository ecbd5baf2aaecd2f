import { isGatewayError } from '../gateways/index.js';
import { epochOf, type GatewayFailure } from './core/index.js';

/** Codes after which nobody knows whether the write was applied. */
const uncertainCodes = new Set(['UNREACHABLE', 'TIMEOUT', 'ABORTED', 'BAD_ANSWER', 'SERVER_ERROR']);

/** A gateway's error as the core takes it. */
export function failureOf(error: unknown): GatewayFailure {
  if (!isGatewayError(error)) {
    return {
      code: 'INTERNAL',
      retryable: true,
      uncertain: true,
      retryAfterMs: 0,
      message: String(error),
      presentEpoch: 0,
    };
  }
  const { code, message, retryable, retryAfterMs = 0, details } = error;
  return {
    code,
    retryable,
    uncertain: uncertainCodes.has(code),
    retryAfterMs,
    message,
    presentEpoch: claimEpoch(details),
  };
}

function claimEpoch(details: unknown): number {
  if (typeof details !== 'object' || details === null || !('claim' in details)) return 0;
  return typeof details.claim === 'string' ? epochOf(details.claim) : 0;
}
