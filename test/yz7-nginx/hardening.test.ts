// The admin API against callers that mean no good: the right status, no crash, nothing changed, no token in any log.
import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, claim, done, put, serverAt, source } from './client.js';
import { isNginxMissing, NginxYz7 } from './nginx-gateway.js';

const upstream = 'trade-core.http';
const bodyLimitBytes = 256 * 1024;

describe.skipIf(isNginxMissing())('the admin API of the reference gateway, under attack', () => {
  let gateway: NginxYz7;
  let pids: readonly number[];
  const path = `/upstreams/${upstream}/sources/${source}`;

  beforeAll(async () => {
    gateway = await NginxYz7.start({ bodyLimitBytes });
    await put(gateway, upstream, [serverAt(8030)]);
    pids = (await gateway.workers()).map(({ pid }) => pid);
  });

  afterAll(async () => {
    await gateway.stop();
  });

  /** Everything that a write could have changed. */
  const everything = async (): Promise<unknown> => [
    (await admin(gateway, 'GET', '/upstreams')).body,
    (await admin(gateway, 'GET', path)).body,
  ];

  const unchanged = async (attack: () => Promise<void>): Promise<void> => {
    const before = await everything();
    await attack();
    expect(await everything()).toEqual(before);
    expect((await gateway.workers()).map(({ pid }) => pid)).toEqual(pids);
    expect(await gateway.log()).not.toMatch(/\[(error|crit|alert|emerg)\].*(lua|signal)/i);
  };

  /** Sends bytes as they are; resolves with what came until the connection ended. */
  const raw = (text: string | Buffer, waitMs = 3_000): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(gateway.adminUrl);
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.setTimeout(waitMs, () => socket.end());
      socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
      socket.on('close', () => resolve(received));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(received) : reject(error),
      );
    });

  const statusOf = (answer: string): number => Number(/^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1] ?? '0');
  const bearer = `Authorization: Bearer ${NginxYz7.token}`;

  it('answers 400 or 422 to a thousand broken bodies', { timeout: 60_000 }, async () => {
    const whole = JSON.stringify({ generation: '5', servers: [serverAt(8031, { labels: { color: 'gray' } })] });
    await unchanged(async () => {
      for (let index = 0; index < 1_000; index += 1) {
        const bytes = Buffer.from(whole);
        const at = index % bytes.length;
        const broken = [
          bytes.subarray(0, at),
          Buffer.concat([bytes.subarray(0, at), randomBytes(1 + (index % 7)), bytes.subarray(at + 1)]),
          Buffer.from(`${'['.repeat(index)}${']'.repeat(index)}`),
        ][index % 3]!;
        const reply = await fetch(`${gateway.adminUrl}/admin/v1${path}`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${NginxYz7.token}` },
          body: Buffer.concat([broken, Buffer.from('\u0000')]),
        });
        expect([400, 422]).toContain(reply.status);
        expect(((await reply.json()) as { error: { code: string } }).error.code).toMatch(/^[A-Z_]+$/);
      }
    });
  });

  it.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['NaN', '{"generation":"5","servers":[{"ip":"192.0.2.1","port":NaN}]}'],
    ['a hexadecimal number', '{"generation":"5","servers":[{"ip":"192.0.2.1","port":0x50}]}'],
    ['a NUL in an address', '{"generation":"5","servers":[{"ip":"192.0.2.1\\u0000","port":80}]}'],
    ['deep nesting', `{"generation":"5","servers":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['an object for an array', '{"generation":"5","servers":{}}'],
    ['an array for an object', '{"generation":"5","servers":[{"ip":"192.0.2.1","port":80,"labels":[]}]}'],
    ['a NUL and text after the end', '{"generation":"5","servers":[]}\u0000}'],
    ['text after the end', '{"generation":"5","servers":[]}{}'],
  ])('refuses %s', async (_, body) => {
    await unchanged(async () => {
      const reply = await fetch(`${gateway.adminUrl}/admin/v1${path}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${NginxYz7.token}` },
        body: typeof body === 'string' ? body : new Uint8Array(body),
      });
      expect([400, 422]).toContain(reply.status);
    });
  });

  it('answers 413 to a body that is too large, with a length and in chunks', async () => {
    await unchanged(async () => {
      const large = 'x'.repeat(bodyLimitBytes + 1);
      const head = `PUT /admin/v1${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\n`;
      const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
      for (const text of [
        `${head}Content-Length: ${large.length}\r\n\r\n${large}`,
        `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`,
      ]) {
        const answer = await raw(text);
        expect(statusOf(answer)).toBe(413);
        expect(answer).toContain('"code":"TOO_LARGE"');
        expect(answer).toMatch(/^X-Store: /m);
      }
    });
  });

  it('goes on when callers leave in the middle of their writes', async () => {
    const body = JSON.stringify({ generation: '1', servers: [serverAt(8031)] });
    const left = Array.from({ length: 200 }, (_, index) => {
      const line = `PUT /admin/v1/upstreams/left-${index % 20}.http/sources/${source} HTTP/1.1`;
      const text = `${line}\r\nHost: x\r\n${bearer}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const { hostname, port } = new URL(gateway.adminUrl);
      return new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(text, () => setTimeout(() => socket.destroy(), index % 5));
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      });
    });
    await Promise.all(left);
    await done(put(gateway, 'after.http', [serverAt(8030)]));
  });

  it('takes a body that nginx keeps in a file', async () => {
    const servers = Array.from({ length: 2_000 }, (_, index) => serverAt(10_000 + index));
    await done(put(gateway, 'large.http', servers));
    const read = await admin(gateway, 'GET', `/upstreams/large.http/sources/${source}`);
    expect(read.body.servers).toHaveLength(2_000);
  });

  it('gives a slow body up, and serves others meanwhile', { timeout: 40_000 }, async () => {
    await unchanged(async () => {
      const head = `PUT /admin/v1${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\nContent-Length: 100\r\n\r\n{"gen`;
      const slow = Array.from({ length: 50 }, () => raw(head, 30_000));
      expect((await admin(gateway, 'GET', '/status')).status).toBe(200);
      for (const answer of await Promise.all(slow)) expect([0, 408]).toContain(statusOf(answer));
    });
  });

  it.each([
    ['../../../etc/passwd', 400],
    ['upstreams/../../etc/passwd', 404],
    ['upstreams/..', 422],
    ['upstreams/%2e%2e', 422],
    ['upstreams/a%2Fb', 422],
    ['upstreams/a%00b', 400],
    ['upstreams/a%0d%0aX-Evil:%201', 422],
    ['upstreams/%zz', 400],
    ['upstreams//sources', 404],
    ['upstreams/a/sources/k8s.bc.a/more', 404],
    [`upstreams/${'a'.repeat(300)}`, 422],
    ['sources/s%2fa/claim', 422],
  ])('answers the path %s with %i', async (tricky, status) => {
    await unchanged(async () => {
      const method = tricky.endsWith('claim') ? 'POST' : 'PUT';
      const head = `${method} /admin/v1/${tricky} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${bearer}\r\n`;
      const answer = await raw(`${head}Content-Length: 2\r\n\r\n{}`);
      const found = statusOf(answer);
      expect(method === 'PUT' && status === 404 ? [404, 405] : [status]).toContain(found);
      expect(answer).not.toMatch(/^X-Evil/m);
    });
  });

  it('answers 405 with what is allowed, and 401 before it reads a body', async () => {
    await unchanged(async () => {
      const wrong = await admin(gateway, 'POST', '/upstreams', '{}');
      expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
      const head = `PUT /admin/v1${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n`;
      expect(statusOf(await raw(`${head}\r\n`, 500))).toBe(401);
      expect(statusOf(await raw(`${head}Authorization: Bearer ${NginxYz7.token}x\r\n\r\n`, 500))).toBe(401);
      expect(statusOf(await raw(`${head}Authorization: Basic ${NginxYz7.token}\r\n\r\n`, 500))).toBe(401);
    });
  });

  it('smuggles no second request past the first', async () => {
    await unchanged(async () => {
      const second = `DELETE /admin/v1${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\nContent-Length: 0\r\n\r\n`;
      const head = `GET /admin/v1/upstreams HTTP/1.1\r\nHost: x\r\n${bearer}\r\n`;
      const answer = await raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${second}`);
      expect(statusOf(answer)).toBe(400);
    });
  });

  it('sends no header of a caller on into the answer or the metrics', async () => {
    await done(put(gateway, 'inject.http', [serverAt(1, { uid: 'uid:1' })]));
    const evil = 'a"} 1\nevil 2';
    const answer = await admin(gateway, 'POST', `/sources/${encodeURIComponent(evil)}/claim`, '{}');
    expect(answer.status).toBe(422);
    const { text } = await admin(gateway, 'GET', '/metrics');
    expect(text).not.toMatch(/^evil/m);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) .*|[a-z0-9_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? -?[0-9.e+]+)$/);
    }
  });

  it('writes no token into any file of its own', async () => {
    await claim(gateway);
    await raw(`GET /admin/v1/x HTTP/1.1\r\nHost: x\r\n${bearer}\r\nContent-Length: 9999999\r\n\r\n`, 500);
    for (const folder of ['run', 'store']) {
      for (const entry of await readdir(join(gateway.dir, folder), { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const text = await readFile(join(gateway.dir, folder, entry.name), 'utf8');
        expect([entry.name, text.includes(NginxYz7.token)]).toEqual([entry.name, false]);
      }
    }
  });
});
