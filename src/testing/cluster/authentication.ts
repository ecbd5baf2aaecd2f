import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { ApiError, notModelled } from './api-error.js';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');

/** By client certificate or bearer token; there is no anonymous access. Throws 401, and 501 for one who asks as another. */
export function authenticate(request: IncomingMessage, tokens: Readonly<Record<string, User>>): User {
  if (request.headers['impersonate-user'] !== undefined) throw notModelled('impersonation');
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const known = token === undefined || !Object.hasOwn(tokens, token) ? undefined : tokens[token];
  if (known !== undefined) return known;
  if (request.socket instanceof TLSSocket && request.socket.authorized) {
    const { subject } = request.socket.getPeerCertificate();
    const [name] = listOf(subject.CN);
    if (name !== undefined) return { name, groups: listOf(subject.O) };
  }
  throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}
