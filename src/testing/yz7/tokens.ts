import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.js';

/** A token and the sources that it may write. `*` stands for any text; a plain `*` may also write everything else. */
export interface Yz7Token {
  readonly token: string;
  readonly sources: readonly string[];
}

export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Who calls, and what they may write. */
export class Caller {
  readonly #sources: readonly string[];

  constructor({ sources }: Yz7Token) {
    this.#sources = sources;
  }

  /** Throws 403 `NOT_OWNER`. */
  checkSource(source: string): void {
    if (this.#sources.some((pattern) => matchesPattern(pattern, source))) return;
    throw new Problem(403, 'NOT_OWNER', `this token may not write ${source}; it may write ${this.#sources.join(', ')}`);
  }

  /** Upstreams, chains and routes belong to those who may write everything. */
  checkAll(what: string): void {
    if (this.#sources.includes('*')) return;
    throw new Problem(403, 'NOT_OWNER', `this token may not write ${what}; it may write ${this.#sources.join(', ')}`);
  }
}

/** Throws 401 unless the `Authorization` header has one of the tokens. */
export function callerOf(authorization: string | undefined, tokens: readonly Yz7Token[]): Caller {
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  const found = given === undefined ? undefined : tokens.find(({ token }) => timingSafeEqual(hash(token), hash(given)));
  if (found) return new Caller(found);
  const message =
    given === undefined ? 'an Authorization header with a Bearer token is needed' : 'the token is not known';
  throw new Problem(401, 'UNAUTHORIZED', message, { headers: { 'www-authenticate': 'Bearer' } });
}
