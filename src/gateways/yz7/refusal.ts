import { GatewayError, type GatewayErrorCode } from '../error.js';

const codes: ReadonlySet<string> = new Set<GatewayErrorCode>([
  'BAD_JSON',
  'UNAUTHORIZED',
  'NOT_OWNER',
  'NOT_FOUND',
  'TOO_LARGE',
  'INVALID_SERVER',
  'STALE_GENERATION',
  'GENERATION_CONFLICT',
  'CLAIM_CONFLICT',
  'UNCLAIMED',
  'REVISION_MISMATCH',
  'EMPTY_GUARD',
  'SHRINK_GUARD',
  'UPSTREAM_IN_USE',
  'RATE_LIMITED',
  'STORE_UNAVAILABLE',
  'NOT_IMPLEMENTED',
  'SERVER_ERROR',
]);

/** For answers of something between, which does not speak the contract. No 404: that would say a source is not there. */
const codeOfStatus: Readonly<Record<number, GatewayErrorCode>> = {
  400: 'BAD_JSON',
  401: 'UNAUTHORIZED',
  403: 'NOT_OWNER',
  412: 'REVISION_MISMATCH',
  413: 'TOO_LARGE',
  422: 'INVALID_SERVER',
  428: 'UNCLAIMED',
  429: 'RATE_LIMITED',
  501: 'NOT_IMPLEMENTED',
  503: 'STORE_UNAVAILABLE',
};

const hints: Partial<Record<GatewayErrorCode, string>> = {
  UNAUTHORIZED: 'check the token of this gateway in the fleet',
  NOT_OWNER: 'the token is bound to other sources; give this writer a token for its own source',
  STALE_GENERATION: 'another writer leads this source now; stop writing, or claim it with a greater generation',
  CLAIM_CONFLICT: 'two writers have the same generation; the one that comes later must take a greater one',
  UNCLAIMED: 'claim the source before its first write',
  EMPTY_GUARD: 'if this is wanted, send the write with force',
  SHRINK_GUARD: 'if this is wanted, send the write with force',
};

interface Refusal {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly retryable?: unknown;
  readonly details?: unknown;
}

function parse(text: string): Refusal {
  try {
    const value: unknown = JSON.parse(text);
    const isError = typeof value === 'object' && value !== null && 'error' in value;
    return isError && typeof value.error === 'object' && value.error !== null ? value.error : {};
  } catch {
    return {};
  }
}

function isCode(value: unknown): value is GatewayErrorCode {
  return typeof value === 'string' && codes.has(value);
}

/** `Retry-After` in milliseconds: seconds or a date. */
export function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The error for an answer that is no success. */
export function refusalOf(answer: {
  readonly name: string;
  readonly what: string;
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}): GatewayError {
  const { name, what, status, text } = answer;
  const { code: given, message, retryable, details } = parse(text);
  const code = isCode(given) ? given : (codeOfStatus[status] ?? (status >= 500 ? 'SERVER_ERROR' : 'BAD_ANSWER'));
  const said = typeof message === 'string' ? message : text.slice(0, 200).trim();
  const isTransient = status === 429 || (status >= 500 && status !== 501);
  const hint = hints[code];
  const wait = retryAfterMs(answer.retryAfter, Date.now());
  return new GatewayError(code, `${name}: ${what} answered ${status} ${code}: ${said}`, {
    path: name,
    status,
    retryable: typeof retryable === 'boolean' ? retryable : isTransient,
    ...(hint !== undefined && { hint }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...(details !== undefined && { details }),
  });
}
