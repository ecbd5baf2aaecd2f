// What the contract suite can't see of processes: kill -9 in the middle of writes, a reload, a worker that dies.
import { appendFile, readFile, stat, truncate } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, isGatewayError } from '../../src/gateways/index.js';
import { digestOf, type Server } from '../../src/members/server.js';
import { admin, claim, done, put, serverAt, source } from './client.js';
import { eventually, isNginxMissing, NginxYz7, pause, resume } from './nginx-gateway.js';

const upstream = 'trade-core.http';

const serversOf = (generation: number): readonly Server[] =>
  Array.from({ length: (generation % 5) + 20 }, (_, index) => ({
    ...{ ip: '192.0.2.1', port: 8000 + index, uid: `g-${generation}`, weight: 100 },
    ...{ state: 'up' as const, zone: '', labels: {} },
  }));

describe.skipIf(isNginxMissing())('the processes of the reference gateway', () => {
  let gateway: NginxYz7;

  beforeEach(async () => {
    gateway = await NginxYz7.start({ flags: ['--compact', '100000'] });
  });

  afterEach(async () => {
    await gateway.stop();
  });

  it('have everything that was acknowledged after kill -9 of all of them in the middle of writes', async () => {
    const client = createYz7Gateway({ name: 'g', idc: 'bc', url: gateway.adminUrl, token: NginxYz7.token });
    const upstreams = ['a.http', 'b.http', 'c.http', 'd.http'];
    /** upstream -> the last generation that was acknowledged, and the last one that was sent. */
    const acknowledged = new Map<string, number>();
    const sent = new Map<string, number>();
    const { storeId } = await client.status();
    await client.claim(source, { generation: '1', writer: 'test' });
    for (let round = 0; round < 4; round += 1) {
      const killAfter = 40 + Math.ceil(Math.random() * 120);
      let answers = 0;
      let killing: Promise<void> | undefined;
      const write = async (name: string): Promise<void> => {
        while (killing === undefined || answers < killAfter + 1_000) {
          const generation = (sent.get(name) ?? 0) + 1;
          sent.set(name, generation);
          try {
            const servers = serversOf(generation);
            await client.putSource({ upstream: name, source, generation: String(generation), servers });
          } catch (error) {
            if (isGatewayError(error, 'UNREACHABLE')) return;
            throw error;
          }
          acknowledged.set(name, generation);
          answers += 1;
          if (answers === killAfter) killing = gateway.killAll();
        }
      };
      await Promise.all(upstreams.map(write));
      await killing;
      await gateway.run();
      expect((await client.status()).storeId).toBe(storeId);
      for (const name of upstreams) {
        const content = await client.readSource(name, source);
        const generation = Number(content?.generation);
        expect(generation).toBeGreaterThanOrEqual(acknowledged.get(name)!);
        expect(generation).toBeLessThanOrEqual(sent.get(name)!);
        expect(content?.digest).toBe(digestOf(serversOf(generation)));
      }
    }
    await client.close();
    // Some of these writes were made beside a snapshot of the log.
    expect(await readFile(`${gateway.dir}/store/snapshot`, 'utf8')).not.toMatch(/^\S+ \S+ 1 0\n$/);
    expect(await gateway.log()).not.toMatch(/\[(error|crit|emerg)\]/);
  });

  it('keep the revision when the last change before a snapshot was a deletion', async () => {
    await put(gateway, upstream, [serverAt(8030)]);
    await done(admin(gateway, 'PUT', '/chains/sc-1', { upstreams: [upstream] }));
    await gateway.reload(['--compact', '1']);
    const deleted = await done(admin(gateway, 'DELETE', '/chains/sc-1'));
    await eventually('the log became a snapshot', async () => {
      const text = await readFile(`${gateway.dir}/store/snapshot`, 'utf8');
      return text.includes(upstream) ? true : undefined;
    });
    const before = (await admin(gateway, 'GET', '/upstreams')).body;
    await gateway.killAll();
    await gateway.run();
    expect((await admin(gateway, 'GET', '/upstreams')).body).toEqual(before);
    expect((await admin(gateway, 'GET', '/chains/sc-1')).status).toBe(404);
    expect(before.revision).toBe(deleted.body.revision);
  });

  it('say how a damaged store is damaged, and serve nothing of it', async () => {
    await put(gateway, upstream, [serverAt(8030)]);
    await gateway.killAll();
    await appendFile(`${gateway.dir}/store/log-1`, 'garbage\ns/a.http/k8s.bc.a\t{}\n');
    const started = gateway.run().catch((error: unknown) => error);
    await eventually('it says so', async () => ((await gateway.log()).includes('is damaged') ? true : undefined));
    const ready = await fetch(`${gateway.adminUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect((await admin(gateway, 'GET', '/upstreams')).body.error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const { size } = await stat(`${gateway.dir}/store/log-1`);
    await truncate(`${gateway.dir}/store/log-1`, size - 'garbage\ns/a.http/k8s.bc.a\t{}\n'.length);
    expect(await started).toBeUndefined();
    expect((await admin(gateway, 'GET', `/upstreams/${upstream}/sources/${source}`)).status).toBe(200);
  });

  it('are shown as exiting after a reload while they finish a request, and not waited for', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let isHeld = false;
    const backend = http.createServer((_, response) => {
      isHeld = true;
      void held.then(() => response.end('late'));
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    await put(gateway, upstream, [serverAt((backend.address() as AddressInfo).port)]);
    const former = (await gateway.workers()).map(({ pid }) => pid);
    const reply = new Promise<string>((resolve, reject) => {
      http
        .get(gateway.dataUrl, { agent: false, headers: { host: upstream } }, (incoming) => {
          let text = '';
          incoming.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text));
        })
        .on('error', reject);
    });
    await eventually('the request is held', () => isHeld || undefined);
    gateway.signalReload();
    const workers = await eventually('one exits, two serve', async () => {
      const list = await gateway.workers();
      const states = list.map(({ state }) => state).sort();
      return states.join() === 'exiting,serving,serving' ? list : undefined;
    });
    expect(former).toContain(workers.find(({ state }) => state === 'exiting')?.pid);
    expect(former).not.toContain(workers.find(({ state }) => state === 'serving')?.pid);
    const { pid } = workers.find(({ state }) => state === 'exiting')!;
    await pause(pid);
    await put(gateway, upstream, [serverAt(8030)]);
    resume(pid);
    release();
    expect(await reply).toBe('late');
    await eventually('it is gone', async () => ((await gateway.workers()).length === 2 ? true : undefined));
    backend.close();
  });

  it('are replaced when one dies, and the new one is waited for', async () => {
    await put(gateway, upstream, [serverAt(8030)]);
    const former = await gateway.workers();
    process.kill(former[0]!.pid, 'SIGKILL');
    const workers = await eventually('two serve again', async () => {
      const list = await gateway.workers().catch(() => []);
      return list.length === 2 && !list.some(({ pid }) => pid === former[0]!.pid) ? list : undefined;
    });
    const young = workers.find(({ pid }) => !former.some((each) => each.pid === pid))!;
    expect(young.appliedRevision).toBe(1);
    await pause(young.pid);
    try {
      const servers = [serverAt(8031)];
      const force = { reason: 'test', actor: 'test' };
      const body = { generation: '1000', servers, force };
      const { body: written } = await done(admin(gateway, 'PUT', `/upstreams/${upstream}/sources/${source}`, body));
      const status = await admin(gateway, 'GET', `/status?min_revision=${String(written.revision)}&wait=200ms`);
      expect([status.status, (status.body.error as { details: unknown }).details]).toMatchObject([
        504,
        { lagging: [young.worker] },
      ]);
    } finally {
      resume(young.pid);
    }
  });

  it('take over what a worker had put on disk and not in memory when it died', async () => {
    await put(gateway, upstream, [serverAt(8030)]);
    const entry = {
      ...{ deleted: false, digest: digestOf([]), generation: '77', revision: 2, servers: [] },
      ...{ source, upstream: 'half.http' },
    };
    const line = `s/half.http/${source}\t${JSON.stringify(entry)}\n`;
    await appendFile(`${gateway.dir}/store/log-1`, `${line}s/torn.http/${source}\t{"gener`);
    const next = await put(gateway, 'next.http', [serverAt(8030)]);
    expect(next.body.revision).toBe(3);
    const half = await admin(gateway, 'GET', `/upstreams/half.http/sources/${source}`);
    expect(half.body.generation).toBe('77');
    expect((await admin(gateway, 'GET', `/upstreams/torn.http/sources/${source}`)).status).toBe(404);
    await gateway.killAll();
    await gateway.run();
    expect((await admin(gateway, 'GET', '/upstreams')).body.revision).toBe(3);
    await claim(gateway);
  });
});
