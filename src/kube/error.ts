import { YouzanKubeError, type YouzanKubeErrorOptions } from '../conventions/error.js';

export type KubeErrorCode =
  | 'KUBE_NOT_FOUND'
  | 'KUBE_CONFLICT'
  | 'KUBE_ALREADY_EXISTS'
  | 'KUBE_INVALID'
  | 'KUBE_UNAUTHORIZED'
  | 'KUBE_FORBIDDEN'
  | 'KUBE_GONE'
  | 'KUBE_TOO_MANY_REQUESTS'
  | 'KUBE_SERVER_ERROR'
  | 'KUBE_UNREACHABLE'
  | 'KUBE_TIMEOUT'
  | 'KUBE_ABORTED'
  | 'KUBE_BAD_ANSWER'
  | 'KUBE_CREDENTIALS';

/** What the API server said, or why it could not be asked. `path` is the cluster's name. */
export class KubeError extends YouzanKubeError {
  declare readonly code: KubeErrorCode;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** The Status object's `reason`. */
  readonly reason: string | undefined;
  /** From `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: KubeErrorCode,
    message: string,
    options: YouzanKubeErrorOptions & {
      readonly status?: number;
      readonly reason?: string;
      readonly retryAfterMs?: number;
    } = {},
  ) {
    super(code, message, options);
    this.name = 'KubeError';
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for a {@link KubeError}, of this code when one is given. */
export function isKubeError(value: unknown, code?: KubeErrorCode): value is KubeError {
  return (
    value instanceof Error &&
    value.name === 'KubeError' &&
    (code === undefined || ('code' in value && value.code === code))
  );
}
