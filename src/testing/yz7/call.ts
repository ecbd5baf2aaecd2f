import type http from 'node:http';
import { badJson, Problem } from './problem.js';
import type { Caller } from './tokens.js';

/** One admin request on its way through the resources. */
export interface Call {
  readonly method: string;
  /** Decoded parts of the path after the base. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly caller: Caller;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
  /** The body as JSON; throws 400 or 413. */
  readonly json: () => Promise<unknown>;
}

/** What a resource answers. */
export interface Answer {
  readonly status: number;
  /** JSON, or text as it is. */
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const base = '/admin/v1/';

/** Splits a URL into the parts of a path below the base, or undefined when it is another one. */
export function splitPath(url: string): { path: string[]; query: URLSearchParams } | undefined {
  const { pathname, searchParams } = new URL(url, 'http://gateway');
  if (!pathname.startsWith(base)) return undefined;
  try {
    return { path: pathname.slice(base.length).split('/').map(decodeURIComponent), query: searchParams };
  } catch {
    throw new Problem(400, 'BAD_REQUEST', `the path ${pathname} is not properly encoded`);
  }
}

/** Reads a body of at most so many bytes as JSON. */
export async function readJson(request: http.IncomingMessage, limitBytes: number): Promise<unknown> {
  const tooLarge = (): Problem =>
    new Problem(413, 'TOO_LARGE', `the body is larger than ${limitBytes} bytes`, {
      details: { limitBytes },
    });
  const chunks: Buffer[] = [];
  let size = 0;
  // The rest of a body that is too large is read and dropped, or the caller would not get to read the answer.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
  }
  if (size > limitBytes) throw tooLarge();
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) as unknown;
  } catch (error) {
    throw badJson(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A whole number in the query, at least 0. */
export function queryNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw new Problem(400, 'BAD_REQUEST', `${name} is ${JSON.stringify(text)}; it must be a whole number`);
  }
  return Number(text);
}

/** Milliseconds of `30s`, `500ms` or `1m`; at most a minute. */
export function queryDuration(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '0s';
  const [, digits, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new Problem(400, 'BAD_REQUEST', `${name} is ${JSON.stringify(text)}; it must be like 500ms, 30s or 1m`);
  }
  return Math.min(60_000, Number(digits) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000));
}
