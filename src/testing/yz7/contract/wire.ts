// Plain HTTP for the suite: it must not depend on the client that is tested against the same contract.
import assert from 'node:assert/strict';
import http from 'node:http';
import type { Yz7ContractContext } from './context.js';

const deadlineMs = 20_000;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

/** Sends one request on a connection of its own. */
export function request(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, { method, headers, agent: false, timeout: deadlineMs }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const flat = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(flat) as Record<string, string>,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${deadlineMs} ms: ${method} ${url}`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends JSON to a resource of the admin API. A text as body is sent as it is. */
export function admin(
  context: Yz7ContractContext,
  method: string,
  path: string,
  body?: unknown,
  options: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Reply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return request(`${context.adminUrl}/admin/v1${path}`, {
    method,
    body: text,
    headers: {
      authorization: `Bearer ${options.token ?? context.token}`,
      'content-type': 'application/json',
      ...(text !== undefined && { 'content-length': String(Buffer.byteLength(text)) }),
      ...options.headers,
    },
  });
}

/** An answer that does not end by itself. */
export interface Watched {
  /** When it has begun; an answer of another status is there whole. */
  readonly begun: Promise<Reply>;
  /** So many lines; the connection ends with them. */
  readonly lines: Promise<readonly string[]>;
}

/** Reads so many lines of a stream of the admin API. */
export function watch(context: Yz7ContractContext, path: string, count: number): Watched {
  const headers = { authorization: `Bearer ${context.token}` };
  let text = '';
  const incoming = new Promise<http.IncomingMessage>((resolve, reject) => {
    const options = { headers, agent: false, timeout: deadlineMs };
    const outgoing = http.get(`${context.adminUrl}/admin/v1${path}`, options, resolve);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing new within ${deadlineMs} ms: ${path}`)));
    outgoing.on('error', reject);
  });
  const until = async (isEnough: (status: number) => boolean): Promise<void> => {
    const message = await incoming;
    const status = message.statusCode ?? 0;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (isEnough(status)) resolve();
      };
      message.on('data', look).on('end', resolve).on('error', reject);
      look();
    });
  };
  void incoming.then((message) => message.on('data', (chunk: Buffer) => (text += chunk.toString()))).catch(() => 0);
  const begun = until((status) => status === 200).then(async () => {
    const { statusCode = 0, headers: named } = await incoming;
    const flat = Object.entries(named).map(([name, value]) => [name, String(value)]);
    return { status: statusCode, headers: Object.fromEntries(flat) as Record<string, string>, text };
  });
  const lines = until(() => text.split('\n').length > count).then(async () => {
    (await incoming).destroy();
    return text.split('\n').slice(0, count);
  });
  lines.catch(() => undefined);
  return { begun, lines };
}

export type Json = Readonly<Record<string, unknown>>;

/** The body as an object. */
export function json(reply: Reply): Json {
  const value: unknown = JSON.parse(reply.text);
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), `not an object: ${reply.text}`);
  return value as Json;
}

/** A list of objects in a body. */
export function items(value: unknown): readonly Json[] {
  assert.ok(Array.isArray(value), `not a list: ${JSON.stringify(value)}`);
  return value as Json[];
}

/** Expects a success and gives its body. */
export function done(reply: Reply, ...statuses: readonly number[]): Json {
  const expected = statuses.length > 0 ? statuses : [200, 201];
  assert.ok(
    expected.includes(reply.status),
    `status ${reply.status}, expected ${expected.join(' or ')}: ${reply.text}`,
  );
  return json(reply);
}

/** Expects the contract's error body with this status and code; gives its details. */
export function refused(reply: Reply, status: number, code?: string): unknown {
  assert.equal(reply.status, status, reply.text);
  const error = json(reply).error as Json;
  assert.equal(typeof error, 'object', reply.text);
  if (code !== undefined) assert.equal(error.code, code, reply.text);
  assert.equal(typeof error.code, 'string', reply.text);
  assert.equal(typeof error.message, 'string', reply.text);
  assert.equal(typeof error.retryable, 'boolean', reply.text);
  return error.details;
}

/** True when a rule was put off, in the contract's form. */
export function isPutOff(reply: Reply): boolean {
  if (reply.status !== 501) return false;
  refused(reply, 501);
  return true;
}

/** Asks again until it holds; throws what it threw last. */
export async function eventually(holds: () => Promise<void>): Promise<void> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
