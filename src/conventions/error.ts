import type { Finding } from './finding.js';

const brand = Symbol.for('youzan-kube.error');

/** What an error carries beside its message. */
export interface YouzanKubeErrorOptions {
  /** Where: a construct path, `file:line:column`, or `cluster/app`. */
  readonly path?: string;
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
  /** What is wrong with an input, one by one. Default: none. */
  readonly findings?: readonly Finding[];
  readonly cause?: unknown;
}

/**
 * The one error class of the library. `code` is for programs, `message` says what happened, what was got and what is
 * allowed, `hint` what to do. Recognise it with {@link isYouzanKubeError}, which also works across two copies of the
 * package.
 *
 * @example
 * throw new YouzanKubeError('FLEET_UNKNOWN_CLUSTER', 'no cluster "bc-c" in the fleet; it has bc-a, bc-b', { hint: 'add it to fleet.yaml' });
 */
export class YouzanKubeError extends Error {
  readonly code: string;
  readonly path: string | undefined;
  readonly hint: string | undefined;
  /** What is wrong with an input, one by one, as the message also has it; empty for what is no such error. */
  readonly findings: readonly Finding[];

  constructor(code: string, message: string, options: YouzanKubeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'YouzanKubeError';
    this.code = code;
    this.path = options.path;
    this.hint = options.hint;
    this.findings = options.findings ?? [];
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for every error of this library, whichever copy of the package made it. */
export function isYouzanKubeError(value: unknown): value is YouzanKubeError {
  return typeof value === 'object' && value !== null && brand in value;
}
