import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, isGatewayError, type Gateway, type GatewayError } from '../../../src/gateways/index.js';
import { retryAfterMs } from '../../../src/gateways/yz7/refusal.js';
import { digestOf, type Server } from '../../../src/members/server.js';
import { startEmbeddedYz7, type EmbeddedYz7 } from '../../../src/testing/yz7/index.js';

const source = 'k8s.bc.bc-a';
const upstream = 'trade-core.http';
const server: Server = {
  ip: '10.1.2.3',
  port: 8030,
  weight: 100,
  state: 'up',
  uid: 'u-1',
  zone: 'z1',
  labels: { color: 'stable' },
};
const generation = String((7n << 32n) | 1n);

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function clientOf(url: string, token: string | (() => Promise<string>) = 'secret'): Gateway {
  const gateway = createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url, token });
  ends.push(() => gateway.close());
  return gateway;
}

async function startGateway(): Promise<{ gateway: EmbeddedYz7; client: Gateway }> {
  const gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc' });
  ends.push(() => gateway.stop());
  return { gateway, client: clientOf(gateway.adminUrl, gateway.token) };
}

/** A server that gives every request the same answer. */
async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = { 'x-store': 'store-1' },
): Promise<Gateway> {
  const stand = http.createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => stand.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    stand.closeAllConnections();
    await new Promise((resolve) => stand.close(resolve));
  });
  return clientOf(`http://127.0.0.1:${(stand.address() as AddressInfo).port}`);
}

async function failure(call: Promise<unknown>): Promise<GatewayError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isGatewayError(error)) throw new Error(`not a GatewayError: ${String(error)}`);
  return error;
}

describe('the way of a writer', () => {
  it('claims, writes, waits for the workers and reads back', async () => {
    const { gateway, client } = await startGateway();
    const { storeId } = gateway;
    expect(await client.claim(source, { generation, writer: 'me' })).toEqual({
      storeId,
      formerGeneration: '0',
      formerWriter: '',
      upstreams: [],
    });
    const digest = digestOf([server]);
    const written = await client.putSource({ upstream, source, generation, servers: [server] });
    expect(written).toEqual({ storeId, revision: 1, generation, digest, changed: true, added: 1, removed: 0 });
    const status = await client.status({ minRevision: written.revision, waitMs: 5_000 });
    expect(status).toMatchObject({ storeId, applied: true, lagging: [] });
    expect(status.workers.map(({ appliedRevision }) => appliedRevision)).toEqual([1, 1]);
    const content = { upstream, source, generation, digest, servers: [server], revision: 1 };
    expect(await client.readSource(upstream, source)).toEqual(content);
    expect(await client.readSources(source)).toEqual([content]);
    const claimed = await client.claim(source, { generation: String(8n << 32n), writer: 'next' });
    expect(claimed).toMatchObject({
      formerGeneration: generation,
      formerWriter: 'me',
      upstreams: [{ upstream, generation, digest, servers: 1 }],
    });
  });

  it('gives undefined for a source that is not there, and nothing for a source without upstreams', async () => {
    const { client } = await startGateway();
    expect(await client.readSource(upstream, source)).toBeUndefined();
    expect(await client.readSources(source)).toEqual([]);
  });

  it('names the workers that lag when the wait was in vain', async () => {
    const { gateway, client } = await startGateway();
    gateway.faults.lag('worker-2', 'stuck');
    await client.claim(source, { generation, writer: 'me' });
    await client.putSource({ upstream, source, generation, servers: [server] });
    const status = await client.status({ minRevision: 1, waitMs: 100 });
    expect(status).toMatchObject({ applied: false, lagging: ['worker-2'] });
    expect(status.workers).toHaveLength(2);
  });

  it('lifts the guard with force', async () => {
    const { client } = await startGateway();
    await client.claim(source, { generation, writer: 'me' });
    await client.putSource({ upstream, source, generation, servers: [server] });
    const empty = { upstream, source, generation: String(BigInt(generation) + 1n), servers: [] };
    expect(await failure(client.putSource(empty))).toMatchObject({
      code: 'EMPTY_GUARD',
      status: 409,
      retryable: false,
    });
    const force = { reason: 'the app was deleted', actor: 'me' };
    expect(await client.putSource({ ...empty, force })).toMatchObject({ changed: true, removed: 1 });
  });

  it('asks for the token before every call', async () => {
    const { gateway } = await startGateway();
    const tokens = ['old', gateway.token];
    const client = clientOf(gateway.adminUrl, () => Promise.resolve(tokens.shift() ?? ''));
    expect(await failure(client.status())).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    expect((await client.status()).applied).toBe(true);
  });
});

describe('what a gateway may do wrong', () => {
  const write = { upstream, source, generation, servers: [server] };

  it.each([
    [503, { code: 'STORE_UNAVAILABLE', status: 503, retryable: true }],
    [429, { code: 'RATE_LIMITED', status: 429, retryable: true, retryAfterMs: 1_000 }],
    [500, { code: 'SERVER_ERROR', status: 500, retryable: true }],
    [409, { code: 'STALE_GENERATION', status: 409, retryable: false }],
  ] as const)('answers %d', async (status, expected) => {
    const { gateway, client } = await startGateway();
    gateway.faults.refuseWrites('k8s.bc.*', status);
    const error = await failure(client.putSource(write));
    expect(error).toMatchObject({ ...expected, path: 'yz7-bc' });
    expect(error.message).toContain('yz7-bc');
  });

  it('is slow: the deadline holds', async () => {
    const { gateway, client } = await startGateway();
    gateway.faults.hang(true);
    const started = performance.now();
    expect(await failure(client.putSource(write, { timeoutMs: 100 }))).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is down', async () => {
    const { gateway, client } = await startGateway();
    await gateway.faults.down(true);
    expect(await failure(client.status())).toMatchObject({ code: 'UNREACHABLE', retryable: true, status: undefined });
    await gateway.faults.down(false);
    expect((await client.status()).applied).toBe(true);
  });

  it('answers nonsense', async () => {
    const { gateway, client } = await startGateway();
    gateway.faults.nonsense(true);
    for (const call of [
      client.status(),
      client.putSource(write),
      client.readSource(upstream, source),
      client.readSources(source),
      client.readEffective(upstream),
    ]) {
      expect(await failure(call)).toMatchObject({ code: 'BAD_ANSWER', retryable: true });
    }
  });

  it.each([
    ['no X-Store', 200, '{"workers":[]}', {}],
    ['a shape of its own', 200, '{"workers":[{"worker":1}]}', { 'x-store': 's' }],
    [
      'a revision beyond a double',
      200,
      '{"workers":[{"worker":"a","state":"serving","appliedRevision":9007199254740993}]}',
      { 'x-store': 's' },
    ],
    ['504 without the workers', 504, 'gateway timeout', { 'x-store': 's' }],
    ['a redirect', 302, '', { 'x-store': 's', location: '/login' }],
  ] as [string, number, string, Record<string, string>][])('answers with %s', async (_, status, body, headers) => {
    const client = await answering(status, body, headers);
    expect(await failure(client.status())).toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('is not a gateway at all: its 404 does not mean that the source is not there', async () => {
    const client = await answering(404, '<html>not here</html>');
    expect(await failure(client.readSource(upstream, source))).toMatchObject({ code: 'BAD_ANSWER', status: 404 });
  });

  it('has servers that do not fit their digest', async () => {
    const digest = digestOf([{ ...server, weight: 1 }]);
    const content = { upstream, source, generation, revision: 1, digest, servers: [server] };
    const client = await answering(200, `${JSON.stringify(content)}\n`, { 'x-store': 's', 'x-digest': digest });
    expect(await failure(client.readSource(upstream, source))).toMatchObject({ code: 'BAD_ANSWER' });
    expect(await failure(client.readSources(source))).toMatchObject({ code: 'BAD_ANSWER' });
  });

  it.each([
    ['no source list', { servers: [{ ...server, idc: 'bc' }], conflicts: [] }],
    ['no conflicts', { servers: [] }],
    ['a conflict of nobody', { servers: [], conflicts: [{ address: '10.1.2.3:8030' }] }],
  ])('shows merged servers with %s', async (_, body) => {
    const client = await answering(200, JSON.stringify({ upstream, revision: 1, ...body }));
    expect(await failure(client.readEffective(upstream))).toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('cuts a stream of lines', async () => {
    const digest = digestOf([server]);
    const line = JSON.stringify({ upstream, source, generation, revision: 1, digest, servers: [server] });
    const client = await answering(200, line);
    expect(await failure(client.readSources(source))).toMatchObject({ code: 'BAD_ANSWER' });
  });
});

describe('what a caller may do', () => {
  it('aborts a call', async () => {
    const { gateway, client } = await startGateway();
    gateway.faults.hang(true);
    const controller = new AbortController();
    const call = failure(client.status(undefined, { signal: controller.signal }));
    controller.abort();
    expect(await call).toMatchObject({ code: 'ABORTED', retryable: false });
    expect(await failure(client.status(undefined, { signal: controller.signal }))).toMatchObject({ code: 'ABORTED' });
  });

  it('closes the client twice: calls under way and later ones end', async () => {
    const { gateway, client } = await startGateway();
    gateway.faults.hang(true);
    const call = failure(client.status());
    await client.close();
    await client.close();
    expect(await call).toMatchObject({ code: 'ABORTED' });
    expect(await failure(client.status())).toMatchObject({ code: 'ABORTED' });
  });

  it('closes the client by a signal', async () => {
    const controller = new AbortController();
    const client = createYz7Gateway({
      name: 'g',
      idc: 'bc',
      url: 'http://127.0.0.1:1',
      token: 't',
      signal: controller.signal,
    });
    controller.abort();
    expect(await failure(client.status())).toMatchObject({ code: 'ABORTED' });
  });
});

describe('Retry-After', () => {
  it.each([
    ['3', 3_000],
    ['0', 0],
    ['Wed, 21 Oct 2015 07:28:10 GMT', 10_000],
    ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s', (text, expected) => {
    expect(retryAfterMs(text, Date.parse('Wed, 21 Oct 2015 07:28:00 GMT'))).toBe(expected);
  });
});
