// Rules of choosing that the contract suite leaves out, or that only many workers and real connections show.
import http from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { admin, applied, done, put, serverAt } from './client.js';
import { eventually, isNginxMissing, NginxYz7 } from './nginx-gateway.js';

interface Received {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

describe.skipIf(isNginxMissing())('the reference gateway chooses', () => {
  let gateway: NginxYz7;
  const backends: { readonly server: NetServer; readonly sockets: Set<Socket> }[] = [];

  beforeAll(async () => {
    gateway = await NginxYz7.start({ flags: ['--measure'] });
  });

  afterAll(async () => {
    await gateway.stop();
  });

  afterEach(async () => {
    for (const { server, sockets } of backends.splice(0)) {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  const listening = async (server: NetServer, host = '127.0.0.1'): Promise<number> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    backends.push({ server, sockets });
    return (server.address() as AddressInfo).port;
  };

  const named = (name: string, host?: string): Promise<number> =>
    listening(
      http.createServer((_, response) => response.end(name)),
      host,
    );

  const send = (host: string, options: http.RequestOptions = {}, body?: string): Promise<Received> =>
    new Promise((resolve, reject) => {
      const headers = { host, ...(options.headers as object) };
      const request = http.request(gateway.dataUrl, { agent: false, ...options, headers }, (incoming) => {
        let text = '';
        incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }));
        incoming.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });

  const spread = async (host: string, count: number): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (let sent = 0; sent < count; sent += 1) {
      const { text } = await send(host);
      counts[text] = (counts[text] ?? 0) + 1;
    }
    return counts;
  };

  const metric = async (line: string): Promise<number> => {
    const { text } = await admin(gateway, 'GET', '/metrics');
    const found = text.split('\n').find((each) => each.startsWith(`${line} `));
    return Number(found?.split(' ').at(-1) ?? '0');
  };

  const route = (id: string, body: object): Promise<unknown> =>
    applied(gateway, done(admin(gateway, 'PUT', `/routes/${id}`, body)));

  it('by header rules before the weighted targets, and by a known chain before header rules', async () => {
    const [stable, gray, chained] = [await named('stable'), await named('gray'), await named('chained')];
    await put(gateway, 'shop.http', [
      serverAt(stable, { labels: { color: 'stable' } }),
      serverAt(gray, { labels: { color: 'gray' } }),
      serverAt(chained, { labels: { color: 'stable', sc: 'sc-1' } }),
    ]);
    const hosts = ['shop.example'];
    const target = (color: string): object => ({ upstream: 'shop.http', selector: { color } });
    await route('shop', { hosts, targets: [target('stable')] });
    const headers = [
      { name: 'X-User', value: '7' },
      { name: 'x-region', value: 'hz' },
    ];
    await route('shop-gray', { hosts, match: { path: '/', headers }, targets: [target('gray')] });
    await applied(gateway, done(admin(gateway, 'PUT', '/chains/sc-1', { upstreams: ['shop.http'] })));
    const textOf = async (sent: Record<string, string>): Promise<string> =>
      (await send('shop.example', { headers: sent })).text;
    const sc = { 'x-service-chain': '{"name":"sc-1"}' };
    expect(await textOf({})).toBe('stable');
    expect(await textOf({ 'x-user': '7' })).toBe('stable');
    expect(await textOf({ 'x-user': '8', 'x-region': 'hz' })).toBe('stable');
    expect(await textOf({ 'x-user': '7', 'x-region': 'hz' })).toBe('gray');
    expect(await textOf({ 'x-user': '7', 'x-region': 'hz', ...sc })).toBe('chained');
    expect(await textOf({ 'x-service-chain': 'no JSON' })).toBe('stable');
    expect(await textOf({ 'x-service-chain': '{"name":7}' })).toBe('stable');
  });

  it('an IPv6 server', async () => {
    const port = await named('six', '::1');
    await put(gateway, 'six.http', [serverAt(port, { ip: '::1' })]);
    const reply = await send('six.http');
    expect([reply.text, reply.headers['x-yz7-server']]).toEqual(['six', `[::1]:${port}`]);
  });

  it('the same server for a client under chash, until that server is gone', async () => {
    const ports = [await named('a'), await named('b'), await named('c')];
    await put(
      gateway,
      'hash.http',
      ports.map((port) => serverAt(port)),
    );
    await applied(gateway, done(admin(gateway, 'PUT', '/upstreams/hash.http', { lb: 'chash' })));
    const [[first, count]] = Object.entries(await spread('hash.http', 12)) as [[string, number]];
    expect(count).toBe(12);
    const rest = ports.filter((_, index) => 'abc'[index] !== first);
    await put(
      gateway,
      'hash.http',
      rest.map((port) => serverAt(port)),
    );
    const others = await spread('hash.http', 12);
    expect(Object.values(others)).toEqual([12]);
    expect(Object.keys(others)).not.toContain(first);
  });

  it('the faster server more often under ewma', async () => {
    const slow = await listening(http.createServer((_, response) => setTimeout(() => response.end('slow'), 50)));
    const fast = await named('fast');
    await put(gateway, 'ewma.http', [serverAt(slow), serverAt(fast)]);
    await applied(gateway, done(admin(gateway, 'PUT', '/upstreams/ewma.http', { lb: 'ewma' })));
    const counts = await spread('ewma.http', 40);
    expect(counts.fast).toBeGreaterThan(30);
  });

  it('a new server seldom at first when the upstream has a slow start', async () => {
    const [old, young] = [await named('old'), await named('young')];
    await put(gateway, 'slow.http', [serverAt(old)]);
    await applied(gateway, done(admin(gateway, 'PUT', '/upstreams/slow.http', { slowStartMs: 600_000 })));
    await put(gateway, 'slow.http', [serverAt(old), serverAt(young)]);
    const counts = await spread('slow.http', 66);
    expect(counts.young).toBeGreaterThanOrEqual(3);
    expect(counts.young).toBeLessThanOrEqual(9);
  });

  it('no server whose health checks fail, until they pass, and all when they fail for every one', async () => {
    const isWell = { a: true, b: true };
    const checked = (name: 'a' | 'b'): Promise<number> =>
      listening(
        http.createServer((request, response) => {
          if (request.url === '/health') response.writeHead(isWell[name] ? 200 : 503);
          response.end(name);
        }),
      );
    const health = { path: '/health', intervalMs: 100, timeoutMs: 1_000, fall: 2, rise: 2 };
    await put(gateway, 'health.http', [serverAt(await checked('a')), serverAt(await checked('b'))]);
    await applied(gateway, done(admin(gateway, 'PUT', '/upstreams/health.http', { health })));
    const until = (names: string): Promise<true> =>
      eventually(`${names} answer`, async () => {
        const counts = await spread('health.http', 8);
        return Object.keys(counts).sort().join() === names ? true : undefined;
      });
    await until('a,b');
    isWell.a = false;
    await until('b');
    isWell.b = false;
    await until('a,b');
    isWell.a = true;
    await until('a');
    isWell.b = true;
    await until('a,b');
  });

  it('again on a new connection when a kept one was dead, and counts it apart from retries', async () => {
    let answered = 0;
    const port = await listening(
      createServer((socket) => {
        let requests = 0;
        socket.on('error', () => undefined);
        socket.on('data', () => {
          requests += 1;
          if (requests > 1) {
            socket.destroy();
            return;
          }
          answered += 1;
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok');
        });
      }),
    );
    await put(gateway, 'stale.http', [serverAt(port)]);
    for (let sent = 0; sent < 6; sent += 1) expect((await send('stale.http')).text).toBe('ok');
    expect(answered).toBe(6);
    expect(await metric('yz7_stale_connection_retries_total{upstream="stale.http"}')).toBeGreaterThanOrEqual(2);
    expect(await metric('yz7_retries_total{upstream="stale.http"}')).toBe(0);
    const posts = [];
    for (let sent = 0; sent < 4; sent += 1) posts.push(await send('stale.http', { method: 'POST' }, 'body'));
    const refused = posts.filter(({ status }) => status === 502);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers['x-yz7-error']).toBe('upstream_reset');
  });

  it('another server with the whole body of a PUT', async () => {
    const dead = createServer();
    const deadPort = await listening(dead);
    await new Promise((resolve) => dead.close(resolve));
    const echo = await listening(http.createServer((request, response) => void request.pipe(response)));
    await put(gateway, 'body.http', [serverAt(deadPort), serverAt(echo)]);
    const body = 'x'.repeat(300_000);
    for (let sent = 0; sent < 6; sent += 1) {
      const reply = await send('body.http', { method: 'PUT' }, body);
      expect([reply.status, reply.text.length, reply.headers['x-yz7-server']]).toEqual([
        200,
        body.length,
        `127.0.0.1:${echo}`,
      ]);
    }
    // Each worker takes the servers in turn by itself: how many came to the dead one is known by them alone.
    const failures = await metric('yz7_connect_failures_total{upstream="body.http",kind="connect"}');
    expect(failures).toBeGreaterThan(0);
    expect(await metric('yz7_retries_total{upstream="body.http"}')).toBe(failures);
    backends.splice(
      backends.findIndex(({ server }) => server === dead),
      1,
    );
  });

  it('nobody else when the answer takes too long or breaks off', async () => {
    const port = await listening(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.destroy());
      }),
    );
    const other = await named('other');
    await put(gateway, 'reset.http', [serverAt(port), serverAt(other, { state: 'down' })]);
    const reply = await send('reset.http');
    expect([reply.status, reply.headers['x-yz7-error'], reply.headers['x-yz7-server']]).toEqual([
      502,
      'upstream_reset',
      `127.0.0.1:${port}`,
    ]);
  });

  it('and counts the answers of each upstream by status', async () => {
    const port = await listening(
      http.createServer((request, response) => response.writeHead(request.url === '/no' ? 404 : 200).end()),
    );
    await put(gateway, 'count.http', [serverAt(port)]);
    for (const path of ['/', '/no', '/', '/']) await send('count.http', { path });
    await eventually('the workers have added what they counted', async () => {
      const counts = await Promise.all(
        ['200', '404'].map((code) => metric(`yz7_requests_total{upstream="count.http",code="${code}"}`)),
      );
      return counts.join() === '3,1' ? true : undefined;
    });
  });
});
