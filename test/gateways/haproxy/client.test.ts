// What only HAProxy does, and how it can fail, against the real one.
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHaproxyGateway, type Gateway, type GatewayError, isGatewayError } from '../../../src/gateways/index.js';
import { digestOf, type Server } from '../../../src/members/server.js';
import { Conversation } from '../../../src/gateways/haproxy/conversation.js';
import { Session } from '../../../src/gateways/haproxy/session.js';
import { HaproxyProcess, isHaproxyMissing } from './haproxy-process.js';

const source = 'k8s.bc.bc-a';
const upstream = 'trade-core.http';
const server: Server = {
  ip: '10.1.2.3',
  port: 8030,
  weight: 100,
  state: 'up',
  uid: '0c8f7e52-91f4-4a53-8f6f-0c1d9e1b2a33',
  zone: 'bc-1',
  labels: { color: 'stable' },
};
const generation = (sequence: number, epoch = 7n): string => String((epoch << 32n) | BigInt(sequence));
const wait = { timeout: 5_000, interval: 20 };

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function failure(call: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isGatewayError(error)) throw new Error(`not a GatewayError: ${String(error)}`);
  return error;
}

/** The status of the answer. */
function get(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { host: upstream }, agent: false }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
      .on('error', reject);
  });
}

describe.skipIf(isHaproxyMissing())('HAProxy', () => {
  let haproxy: HaproxyProcess;
  let gateway: Gateway;
  beforeEach(async () => {
    haproxy = await HaproxyProcess.start([upstream], 'backend fixed.http\n  balance source\n  hash-type map-based\n');
    ends.push(() => haproxy.stop());
    gateway = haproxy.open();
  });

  const put = (servers: readonly Server[], sequence: number, by: Gateway = gateway, epoch = 7n) =>
    by.putSource({ upstream, source, generation: generation(sequence, epoch), servers });
  const claimed = () => gateway.claim(source, { generation: generation(0), writer: 'me' });
  const liveServers = async (): Promise<string[]> =>
    (await haproxy.ask(`show servers state ${upstream}`)).split('\n').filter((line) => line.includes(`${source}_`));

  it('shows servers under names that a log can be read by', async () => {
    await claimed();
    await put([server], 1);
    expect((await liveServers()).join()).toMatch(/ k8s\.bc\.bc-a_10\.1\.2\.3:8030_[0-9a-f]{12} 10\.1\.2\.3 /);
  });

  it('shows of an upstream only what some source has', async () => {
    await claimed();
    await put([server], 1);
    expect(await gateway.readEffective(upstream)).toEqual({
      upstream,
      servers: [{ ...server, sources: [source], idc: 'bc' }],
      conflicts: [],
    });
    await put([], 2);
    await haproxy.ask(`add server ${upstream}/by-hand 192.0.2.9:80`);
    await haproxy.ask(`add server ${upstream}/${source}_left-over 192.0.2.8:80`);
    expect(await gateway.readEffective(upstream)).toEqual({ upstream, servers: [], conflicts: [] });
  });

  it('is written over TCP as over the unix socket', async () => {
    await claimed();
    const remote = haproxy.open({ socket: haproxy.tcpSocket });
    expect((await put([server], 1, remote)).digest).toBe(digestOf([server]));
    expect(await gateway.readSource(upstream, source)).toMatchObject({ servers: [server], revision: 1 });
  });

  it('keeps a deleted server out of traffic until its last connection ends, and then lets it go', async () => {
    const held: http.ServerResponse[] = [];
    const backend = http.createServer((_, response) => held.push(response)).listen(0, '127.0.0.1');
    ends.push(() => new Promise((resolve) => backend.close(resolve)));
    await vi.waitFor(() => expect(backend.listening).toBe(true), wait);
    const own = { ...server, ip: '127.0.0.1', port: (backend.address() as AddressInfo).port };
    await claimed();
    await put([own], 1);
    const request = get(haproxy.url);
    await vi.waitFor(() => expect(held).toHaveLength(1), wait);
    expect(await put([], 2)).toMatchObject({ changed: true, removed: 1, digest: digestOf([]) });
    expect(await gateway.readSource(upstream, source)).toMatchObject({ servers: [] });
    expect(await liveServers()).toHaveLength(1);
    held[0]?.end('done');
    expect(await request).toBe(200);
    await vi.waitFor(async () => {
      expect(await put([], 2)).toMatchObject({ changed: false });
      expect(await liveServers()).toEqual([]);
    }, wait);
  });

  // HAProxy 2.6 deletes it, and crashes when the next of these requests tries again (haproxy#2298).
  it.each(['127.0.0.1', '192.0.2.1'])('survives that a server at %s goes while requests wait for it', async (ip) => {
    const { storeId } = await claimed();
    await put([{ ...server, ip, port: 9 }], 1);
    const requests = Array.from({ length: 10 }, () => get(haproxy.url));
    await vi.waitFor(async () => expect(await haproxy.ask('show sess')).toContain(`srv=${source}_${ip}:9_`), wait);
    expect(await put([], 2)).toMatchObject({ removed: 1, digest: digestOf([]) });
    expect(await liveServers()).toHaveLength(1);
    expect(new Set(await Promise.all(requests))).toEqual(new Set([503]));
    await put([], 3);
    expect(await liveServers()).toEqual([]);
    expect((await gateway.status()).storeId).toBe(storeId);
  });

  it('has another store after a reload', async () => {
    const { storeId } = await claimed();
    await put([server], 1);
    await haproxy.reload();
    expect((await gateway.status()).storeId).not.toBe(storeId);
    expect(await gateway.readSources(source)).toEqual([]);
    expect(await failure(put([server], 2))).toMatchObject({ code: 'UNCLAIMED' });
  });

  it('writes nothing to a process that a reload has replaced', async () => {
    const { signal } = new AbortController();
    const session = await Session.open('haproxy-bc', { path: haproxy.socket }, signal);
    const talk = new Conversation('haproxy-bc', haproxy.map, session);
    await talk.status();
    await haproxy.reload();
    await vi.waitFor(async () => {
      const error = await failure(talk.look(upstream, source));
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    }, wait);
    session.close();
  });

  it('shows the half that a writer wrote before it died, and takes the rest from the same write sent again', async () => {
    await claimed();
    const second = { ...server, ip: '10.1.2.4', uid: 'u-2' };
    await put([server, second], 1);
    const [line = ''] = (await liveServers()).filter((each) => each.includes('10.1.2.4'));
    const name = `${upstream}/${line.split(' ')[3]}`;
    await haproxy.ask(`set server ${name} state maint; del server ${name}`);
    expect((await gateway.readSource(upstream, source))?.digest).toBe(digestOf([server]));
    expect(await put([server, second], 1)).toMatchObject({ changed: true, digest: digestOf([server, second]) });
  });

  it('shows what somebody has changed by hand, so that it is repaired', async () => {
    await claimed();
    await put([server], 1);
    const [line = ''] = await liveServers();
    await haproxy.ask(`set server ${upstream}/${line.split(' ')[3]} weight 3`);
    expect((await gateway.readSource(upstream, source))?.servers).toEqual([{ ...server, weight: 3 }]);
    expect(await put([server], 2)).toMatchObject({ changed: true, digest: digestOf([server]) });
  });

  it('clears away what dead writers left, with the next claim', async () => {
    await claimed();
    await haproxy.ask(`add server ${upstream}/${source}_10.9.9.9:80_0123456789ab 10.9.9.9:80`);
    await haproxy.ask(`add map ${haproxy.map} server/${upstream}/${source}_10.8.8.8:80_0123456789ab u|z|`);
    await haproxy.ask(`add server ${upstream}/by-hand 10.7.7.7:80`);
    await gateway.claim(source, { generation: generation(0, 8n), writer: 'next' });
    expect(await liveServers()).toEqual([]);
    expect(await haproxy.ask(`show map ${haproxy.map}`)).not.toContain('10.8.8.8');
    expect(await haproxy.ask(`show servers state ${upstream}`)).toContain('by-hand');
  });

  it('puts its claim back when a smaller one, looked up before it, was written after it', async () => {
    await claimed();
    await put([server], 1);
    await haproxy.ask(`set map ${haproxy.map} claim/${source} ${generation(0, 6n)}|former`);
    const former = haproxy.open();
    await put([{ ...server, weight: 50 }], 2);
    expect(await failure(put([], 9, former, 6n))).toMatchObject({
      code: 'STALE_GENERATION',
      details: { claim: generation(0) },
    });
  });

  it('gives every change a revision of its own, whoever writes', async () => {
    const writers = await Promise.all(
      ['k8s.bc.a', 'k8s.bc.b', 'k8s.bc.c', 'k8s.bc.d'].map(async (own) => {
        const by = haproxy.open();
        await by.claim(own, { generation: generation(0), writer: own });
        return { by, own };
      }),
    );
    const answers = await Promise.all(
      writers.map(async ({ by, own }) => {
        const revisions: number[] = [];
        for (let sequence = 1; sequence <= 10; sequence += 1) {
          const servers = [{ ...server, weight: sequence }];
          const write = { upstream, source: own, generation: generation(sequence), servers };
          revisions.push((await by.putSource(write)).revision);
        }
        return revisions;
      }),
    );
    expect(new Set(answers.flat()).size).toBe(40);
    for (const { own } of writers) {
      expect((await gateway.readSource(upstream, own))?.servers).toEqual([{ ...server, weight: 10 }]);
    }
    expect((await gateway.status()).workers[0]?.appliedRevision).toBe(40);
  });

  it('takes very many calls at once, more than its socket takes connections', async () => {
    const sources = Array.from({ length: 200 }, (_, index) => `k8s.bc.many-${index}`);
    await Promise.all(sources.map((own) => gateway.claim(own, { generation: generation(0), writer: 'me' })));
    const write = { upstream, generation: generation(1), servers: [server] };
    const answers = await Promise.all(sources.map((own) => gateway.putSource({ ...write, source: own })));
    expect(answers.every(({ digest }) => digest === digestOf([server]))).toBe(true);
    expect((await liveServers()).length).toBe(0);
    expect((await haproxy.ask(`show servers state ${upstream}`)).split('\n')).toHaveLength(202);
  });

  it('takes no name for a command', async () => {
    const before = await haproxy.ask('show servers state');
    const nasty = 'x\nset server a/b state maint; shutdown sessions server a/b';
    await claimed();
    for (const call of [
      () => gateway.claim(nasty, { generation: '1', writer: 'me' }),
      () => gateway.claim(source, { generation: nasty, writer: 'me' }),
      () => gateway.readSource(nasty, source),
      () => gateway.readSource(upstream, nasty),
      () => gateway.readSources(nasty),
    ]) {
      expect(await failure(call())).toMatchObject({ code: 'BAD_JSON' });
    }
    expect(await failure(put([{ ...server, ip: nasty }], 1))).toMatchObject({ code: 'INVALID_SERVER' });
    const odd = { ...server, uid: nasty, zone: '<<\\ "\' ;', labels: { [nasty]: nasty } };
    await put([odd], 2);
    expect((await gateway.readSource(upstream, source))?.servers).toEqual([odd]);
    await put([], 3);
    expect(await haproxy.ask('show servers state')).toBe(before);
  });

  it('takes weights up to 256', async () => {
    await claimed();
    const error = await failure(put([{ ...server, weight: 257 }], 1));
    expect(error.message).toContain('servers[0] has weight 257; HAProxy takes 0 to 256');
  });

  it('needs a backend with a dynamic algorithm, the level admin, and the map in its configuration', async () => {
    await claimed();
    const write = { upstream: 'fixed.http', source, generation: generation(1), servers: [server] };
    expect(await failure(gateway.putSource(write))).toMatchObject({ code: 'NOT_IMPLEMENTED', retryable: false });
    const operator = haproxy.open({ socket: `${haproxy.socket}.user` });
    const forbidden = await failure(put([server], 1, operator));
    expect(forbidden).toMatchObject({ code: 'UNAUTHORIZED', retryable: false });
    const elsewhere = haproxy.open({ map: '/etc/haproxy/other.map' });
    for (const call of [
      () => elsewhere.status(),
      () => elsewhere.readSources(source),
      () => elsewhere.readSource(upstream, source),
    ]) {
      const error = await failure(call());
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', path: 'haproxy-bc' });
      expect(error.message).toMatch(/^haproxy-bc: "(show|get) map/);
    }
  });

  it('ends a call at its deadline when it hangs, and answers again afterwards', async () => {
    const resume = await haproxy.pause();
    const error = await failure(gateway.status(undefined, { timeoutMs: 100 }));
    resume();
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true });
    expect((await gateway.status()).applied).toBe(true);
  });
});

describe('what stands where HAProxy should', () => {
  const answering = async (text: string): Promise<Gateway> => {
    const stand = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(text));
    });
    stand.listen(0, '127.0.0.1');
    await vi.waitFor(() => expect(stand.listening).toBe(true), wait);
    ends.push(() => new Promise((resolve) => stand.close(resolve)));
    const { port } = stand.address() as AddressInfo;
    return createHaproxyGateway({ name: 'ha', idc: 'bc', socket: `127.0.0.1:${port}`, map: '/y.map' });
  };

  it('is called unreachable when nobody listens', async () => {
    const gateway = createHaproxyGateway({ name: 'ha', idc: 'bc', socket: '/nowhere/admin.sock', map: '/y.map' });
    const error = await failure(gateway.readSources(source));
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: true });
    expect(error.message).toBe(`ha: read of ${source} failed: ENOENT connect ENOENT /nowhere/admin.sock`);
  });

  it.each([
    ['', 'UNREACHABLE'],
    ['HTTP/1.1 400 Bad request\r\n\r\n', 'BAD_ANSWER'],
    ['\n> Pid: 12\nno prompt', 'BAD_ANSWER'],
    ['\n> Pid: 12\n\n> # id (file) description\n0 (/y.map) next_ver=1\n\n> ', 'BAD_ANSWER'],
  ])('is found out by its answer %j', async (text, code) => {
    const error = await failure((await answering(text)).status());
    expect(error).toMatchObject({ code, path: 'ha', retryable: true });
  });

  it('is refused before the first call when its address can be none', () => {
    const make = (socket: string, map: string) => () => createHaproxyGateway({ name: 'ha', idc: 'bc', socket, map });
    expect(make('admin.sock', '/a b')).toThrow(
      'ha: socket is "admin.sock", neither an absolute path nor host:port; map is "/a b", not an absolute path without blanks',
    );
    expect(make('/a', 'y.map')).toThrow(expect.objectContaining({ code: 'GATEWAY_OPTIONS' }));
  });
});
