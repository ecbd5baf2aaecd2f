import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, type Gateway } from '../../../src/gateways/index.js';
import type { Server } from '../../../src/members/server.js';
import { startEmbeddedYz7, type EmbeddedYz7 } from '../../../src/testing/yz7/index.js';
import { send, serverAt, startHttp, startRaw, until, upstream, writerOf, type Listening } from './traffic.js';

describe('the data plane', () => {
  let gateway: EmbeddedYz7;
  let client: Gateway;
  let write: (servers: readonly Server[]) => Promise<void>;
  const started: Listening[] = [];
  const track = async (server: Promise<Listening>): Promise<Listening> => {
    started.push(await server);
    return server;
  };

  beforeEach(async () => {
    gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc', workers: 1 });
    client = createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: gateway.adminUrl, token: gateway.token });
    write = writerOf(client);
  });

  afterEach(async () => {
    await client.close();
    await gateway.stop();
    for (const server of started.splice(0)) await server.close();
  });

  it('streams both ways: an answer begins before the request has ended', async () => {
    const { port } = await track(startHttp((request, response) => void request.pipe(response)));
    await write([serverAt(port)]);
    const echoed: string[] = [];
    const request = http.request(
      gateway.dataUrl,
      { method: 'POST', agent: false, headers: { host: upstream } },
      (incoming) => {
        incoming.on('data', (chunk: Buffer) => echoed.push(chunk.toString()));
      },
    );
    const closed = new Promise((resolve) => request.on('close', resolve));
    request.write('one');
    await until(() => echoed.join('') === 'one');
    request.write('two');
    await until(() => echoed.join('') === 'onetwo');
    request.end();
    await closed;
  });

  it('cuts a request in flight when its server is deleted without drain', async () => {
    let isHeld = false;
    const { port } = await track(startHttp(() => (isHeld = true)));
    const other = await track(startHttp((_, response) => response.end('other')));
    await write([serverAt(port)]);
    const inFlight = send(gateway.dataUrl);
    await until(() => isHeld);
    await write([serverAt(other.port)]);
    const reply = await inFlight;
    expect([reply.status, reply.headers['x-yz7-error']]).toEqual([502, 'server_deleted']);
    expect(gateway.stats()).toMatchObject({ cut: 1, retries: 0 });
    expect(gateway.stats().history.at(-1)).toMatchObject({ undrained: [`127.0.0.1:${port}`] });
  });

  it('breaks an answer off when its server is deleted in the middle of it', async () => {
    const { port } = await track(startHttp((_, response) => void response.writeHead(200).write('half')));
    await write([serverAt(port)]);
    const inFlight = send(gateway.dataUrl);
    await until(() => gateway.stats().requests === 1);
    await write([]);
    expect(await inFlight).toMatchObject({ status: 200, text: 'half', isBroken: true });
  });

  it('cuts what runs on an address that another pod has now', async () => {
    let isHeld = false;
    const { port } = await track(startHttp(() => (isHeld = true)));
    await write([serverAt(port, { uid: 'old' })]);
    const inFlight = send(gateway.dataUrl);
    await until(() => isHeld);
    await write([serverAt(port, { uid: 'new' })]);
    expect((await inFlight).status).toBe(502);
  });

  it('breaks the answer off when the server does', async () => {
    const { port } = await track(
      startHttp((_, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half', () => response.destroy());
      }),
    );
    await write([serverAt(port)]);
    expect(await send(gateway.dataUrl)).toMatchObject({ status: 200, isBroken: true });
  });

  it('tells the server when the client has gone', async () => {
    let isHeld = false;
    let isGone = false;
    const { port } = await track(
      startHttp((request) => {
        isHeld = true;
        request.socket.on('close', () => (isGone = true));
      }),
    );
    await write([serverAt(port)]);
    const request = http.get(gateway.dataUrl, { agent: false, headers: { host: upstream } });
    request.on('error', () => undefined);
    await until(() => isHeld);
    request.destroy();
    await until(() => isGone);
    expect(gateway.stats().requests).toBe(0);
  });

  /** Answers the first request of a connection, and closes it when a second comes. */
  const onceEach = (answered: () => void) =>
    startRaw((socket) => {
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        if (requests > 1) {
          socket.destroy();
          return;
        }
        answered();
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok');
      });
    });

  it('sends a request again on a new connection when the kept one was dead, and counts it apart from retries', async () => {
    let answered = 0;
    const { port } = await track(onceEach(() => (answered += 1)));
    await write([serverAt(port)]);
    expect((await send(gateway.dataUrl)).text).toBe('ok');
    expect((await send(gateway.dataUrl)).text).toBe('ok');
    expect(answered).toBe(2);
    expect(gateway.stats()).toMatchObject({ staleConnections: 1, retries: 0, connectFailures: 1 });
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain(`yz7_connect_failures_total{upstream="${upstream}",kind="reused"} 1`);
    expect(metrics).not.toMatch(/^yz7_retries_total\{/m);
  });

  it('does not send a POST again when the kept connection was dead', async () => {
    let answered = 0;
    const { port } = await track(onceEach(() => (answered += 1)));
    await write([serverAt(port)]);
    await send(gateway.dataUrl);
    const reply = await send(gateway.dataUrl, { method: 'POST' }, 'body');
    expect([reply.status, reply.headers['x-yz7-error']]).toEqual([502, 'upstream_reset']);
    expect(answered).toBe(1);
  });

  it('does not send a request again when a new connection dies before the answer', async () => {
    let connections = 0;
    const { port } = await track(
      startRaw((socket) => {
        connections += 1;
        socket.on('error', () => undefined);
        socket.once('data', () => socket.destroy());
      }),
    );
    const other = await track(startHttp((_, response) => response.end('other')));
    await write([serverAt(port), serverAt(other.port, { state: 'down' })]);
    const reply = await send(gateway.dataUrl);
    expect([reply.status, reply.headers['x-yz7-error']]).toEqual([502, 'upstream_reset']);
    expect(connections).toBe(1);
  });

  it('keeps the body of a PUT for the second server when the first can not be reached', async () => {
    const dead = await startHttp(() => undefined);
    await dead.close();
    const alive = await track(startHttp((request, response) => void request.pipe(response)));
    await write([serverAt(dead.port), serverAt(alive.port)]);
    for (let sent = 0; sent < 4; sent += 1) {
      expect(await send(gateway.dataUrl, { method: 'PUT' }, 'whole body')).toMatchObject({
        status: 200,
        text: 'whole body',
      });
    }
    expect(gateway.stats()).toMatchObject({ retries: 2, connectFailures: 2 });
  });

  it('gives every client connection to one worker, which has its own view', async () => {
    await client.close();
    await gateway.stop();
    gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc', workers: 2 });
    client = createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: gateway.adminUrl, token: gateway.token });
    const [one, two] = [
      await track(startHttp((_, response) => response.end('one'))),
      await track(startHttp((_, response) => response.end('two'))),
    ];
    write = writerOf(client);
    await write([serverAt(one.port)]);
    gateway.faults.lag('worker-2', 'stuck');
    await client.putSource({
      upstream,
      source: 'k8s.bc.bc-a',
      generation: '9',
      servers: [serverAt(two.port)],
      force: { reason: 'test', actor: 'test' },
    });
    await client.status({ minRevision: 2, waitMs: 50 });
    const seen = [await send(gateway.dataUrl), await send(gateway.dataUrl)].map(({ text }) => text);
    expect(seen.sort()).toEqual(['one', 'two']);
  });

  it('brings a new server to its weight slowly when the upstream says so', async () => {
    let now = 0;
    await client.close();
    await gateway.stop();
    gateway = await startEmbeddedYz7({ name: 'yz7-bc', idc: 'bc', workers: 1, now: () => now });
    client = createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: gateway.adminUrl, token: gateway.token });
    const counts = { old: 0, young: 0 };
    const [old, young] = [
      await track(startHttp((_, response) => response.end(String((counts.old += 1))))),
      await track(startHttp((_, response) => response.end(String((counts.young += 1))))),
    ];
    write = writerOf(client);
    await write([serverAt(old.port)]);
    await fetch(`${gateway.adminUrl}/admin/v1/upstreams/${upstream}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${gateway.token}` },
      body: '{"slowStartMs":10000}',
    });
    await write([serverAt(old.port), serverAt(young.port)]);
    for (let sent = 0; sent < 22; sent += 1) await send(gateway.dataUrl);
    expect(counts).toEqual({ old: 20, young: 2 });
    now = 10_000;
    for (let sent = 0; sent < 20; sent += 1) await send(gateway.dataUrl);
    expect(counts).toEqual({ old: 30, young: 12 });
  });
});
