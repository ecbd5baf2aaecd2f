// One writer of one upstream through the admin API of the reference gateway, as its tests use it.
import { NginxYz7 } from './nginx-gateway.js';

export const source = 'k8s.bc.bc-a';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export interface ServerAt {
  readonly ip: string;
  readonly port: number;
  readonly [field: string]: unknown;
}

export const serverAt = (port: number, fields: Record<string, unknown> = {}): ServerAt => ({
  ip: '127.0.0.1',
  port,
  uid: `uid-${port}`,
  ...fields,
});

async function answered(reply: Response): Promise<Answered> {
  const text = await reply.text();
  const isObject = text.startsWith('{') && !text.trimEnd().includes('\n');
  const body = isObject ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: reply.status, headers: reply.headers, text, body };
}

/** A request to the admin API; an object is sent as JSON. */
export async function admin(gateway: NginxYz7, method: string, path: string, body?: unknown): Promise<Answered> {
  const init = {
    method,
    headers: { authorization: `Bearer ${NginxYz7.token}`, connection: 'close' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  return answered(await fetch(`${gateway.adminUrl}/admin/v1${path}`, init));
}

/** Expects a success. */
export async function done(answer: Promise<Answered>): Promise<Answered> {
  const found = await answer;
  if (found.status >= 300) throw new Error(`${found.status}: ${found.text}`);
  return found;
}

let generation = 0;

/** Replaces the servers of an upstream and waits until every worker has them. */
export async function put(gateway: NginxYz7, upstream: string, servers: readonly ServerAt[]): Promise<Answered> {
  generation += 1;
  if (generation === 1 || (await admin(gateway, 'GET', `/sources/${source}`)).text === '') await claim(gateway);
  const body = { generation: String(generation), servers, force: { reason: 'test', actor: 'test' } };
  return applied(gateway, done(admin(gateway, 'PUT', `/upstreams/${upstream}/sources/${source}`, body)));
}

export async function claim(gateway: NginxYz7): Promise<void> {
  await done(admin(gateway, 'POST', `/sources/${source}/claim`, { generation: '1', writer: 'test' }));
}

/** Waits until every worker has what this write made. */
export async function applied(gateway: NginxYz7, write: Promise<Answered>): Promise<Answered> {
  const answer = await write;
  await done(admin(gateway, 'GET', `/status?min_revision=${String(answer.body.revision)}&wait=10s`));
  return answer;
}
