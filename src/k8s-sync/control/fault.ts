import { isYouzanKubeError, YouzanKubeError, type YouzanKubeErrorOptions } from '../../conventions/index.js';

/** What can be wrong with a command, and its HTTP status. */
const statuses = {
  CONTROL_BAD_REQUEST: 400,
  CONTROL_UNAUTHORIZED: 401,
  CONTROL_UNKNOWN_PATH: 404,
  CONTROL_UNKNOWN_CLUSTER: 404,
  CONTROL_UNKNOWN_UPSTREAM: 404,
  CONTROL_METHOD: 405,
  CONTROL_NOTHING_HELD: 409,
  TRAFFIC_REFUSED: 409,
  CONTROL_BODY_TOO_LARGE: 413,
  CONTROL_INVALID: 422,
  TRAFFIC_INVALID: 422,
  CONTROL_INTERNAL: 500,
  CONTROL_DEADLINE: 504,
} as const;
type FaultCode = keyof typeof statuses;

export const fault = (code: FaultCode, message: string, options?: YouzanKubeErrorOptions): YouzanKubeError =>
  new YouzanKubeError(code, message, options);

/** A fault as it goes over the wire. */
export interface FaultBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Status and body of what a command threw. An error of the cluster or the gateways, met on the way, is a 502. */
export function faultAnswer(error: unknown): { readonly status: number; readonly body: FaultBody } {
  if (!isYouzanKubeError(error))
    return { status: 500, body: { error: { code: 'CONTROL_INTERNAL', message: 'the command failed' } } };
  const { code, message, hint } = error;
  return { status: isFaultCode(code) ? statuses[code] : 502, body: { error: { code, message, hint } } };
}

const isFaultCode = (code: string): code is FaultCode => Object.hasOwn(statuses, code);

/** The error that a body tells of; undefined for a body that tells of none. */
export function errorOfBody(body: unknown): YouzanKubeError | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return undefined;
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
  return new YouzanKubeError(String(error.code), String(error.message), { hint });
}
