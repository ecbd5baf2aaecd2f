/** What the admin API answers instead of a result: the contract's error body with its status. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** True when the same request may be sent again and can then succeed. */
  readonly retryable: boolean;
  readonly details: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    options: {
      readonly retryable?: boolean;
      readonly details?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
    this.headers = options.headers ?? {};
  }

  body(): { error: { code: string; message: string; retryable: boolean; details?: unknown } } {
    const error = { code: this.code, message: this.message, retryable: this.retryable };
    return { error: this.details === undefined ? error : { ...error, details: this.details } };
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, 'NOT_FOUND', `there is no ${what}`);
}

/** For the parts of the contract that this implementation puts off. */
export function notImplemented(what: string): Problem {
  return new Problem(501, 'NOT_IMPLEMENTED', `${what}: this gateway does not have it yet`);
}

/** A body that is not JSON of the expected shape. */
export function badJson(message: string, details?: unknown): Problem {
  return new Problem(400, 'BAD_JSON', message, { details });
}

export function storeUnavailable(message: string): Problem {
  return new Problem(503, 'STORE_UNAVAILABLE', message, { retryable: true });
}

/** A value of a body as a message shows it. */
export function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
