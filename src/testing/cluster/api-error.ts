import { YouzanKubeError } from '../../conventions/error.js';
import type { ResourceType } from '../../kube/resource.js';

/** One finding inside a Status body. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** An answer of the embedded API that is not the wanted object: it becomes a Status body. */
export class ApiError extends YouzanKubeError {
  /** HTTP status. */
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** A token with which an expired list may go on, at the price of its consistency. */
  readonly continueToken: string | undefined;

  constructor(status: number, reason: string, message: string, details?: StatusDetails, continueToken?: string) {
    super('EMBEDDED_API', message);
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
  }

  /** The body as the API server writes it. */
  toStatus(): Record<string, unknown> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.status,
    };
  }
}

/** True for an {@link ApiError}, of this reason when one is given. */
export function isApiError(value: unknown, reason?: string): value is ApiError {
  return value instanceof ApiError && (reason === undefined || value.reason === reason);
}

const qualified = (name: string, group: string): string => (group === '' ? name : `${name}.${group}`);

const aboutResource = (type: ResourceType, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(type.group === '' ? {} : { group: type.group }),
  kind: type.plural,
});

export const notFound = (type: ResourceType, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(type.plural, type.group)} "${name}" not found`, aboutResource(type, name));

export const alreadyExists = (type: ResourceType, name: string): ApiError =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualified(type.plural, type.group)} "${name}" already exists`,
    aboutResource(type, name),
  );

export const conflict = (type: ResourceType, name: string, why: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(type.plural, type.group)} "${name}": ${why}`,
    aboutResource(type, name),
  );

export const modified = (type: ResourceType, name: string): ApiError =>
  conflict(type, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const forbidden = (type: ResourceType, name: string, why: string): ApiError =>
  new ApiError(
    403,
    'Forbidden',
    name === ''
      ? `${qualified(type.plural, type.group)} is forbidden: ${why}`
      : `${qualified(type.plural, type.group)} "${name}" is forbidden: ${why}`,
    aboutResource(type, name),
  );

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

/** 422 with every finding. */
export function invalid(
  type: Pick<ResourceType, 'group' | 'kind'>,
  name: string,
  causes: readonly StatusCause[],
): ApiError {
  const texts = [...new Set(causes.map((cause) => `${cause.field ?? ''}: ${cause.message}`))];
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualified(type.kind, type.group)} "${name}" is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.kind,
    causes,
  });
}

/** 501: Kubernetes has it, the embedded cluster does not. */
export const notModelled = (what: string): ApiError =>
  new ApiError(501, 'NotImplemented', `the embedded cluster does not model ${what}`);

export const expired = (message: string, continueToken?: string): ApiError =>
  new ApiError(410, 'Expired', message, undefined, continueToken);
