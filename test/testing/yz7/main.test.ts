import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createYz7Gateway, isGatewayError, type Gateway } from '../../../src/gateways/index.js';
import { digestOf } from '../../../src/members/server.js';
import { yz7Contract } from '../../../src/testing/yz7/index.js';
import { serverAt, source } from './traffic.js';

interface Ready {
  readonly adminUrl: string;
  readonly dataUrl: string;
  readonly storeId: string;
  readonly token?: string;
}

describe('the gateway as a process of its own', () => {
  let dir: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'yz7-process-'));
    await writeFile(join(dir, 'token'), 'secret\n');
  });

  const ended = (child: ChildProcess): Promise<number | NodeJS.Signals | null> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? child.signalCode);
      else child.once('exit', (code, signal) => resolve(code ?? signal));
    });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
      await ended(child);
    }
    await rm(dir, { recursive: true });
  });

  const start = async (...flags: string[]): Promise<{ child: ChildProcess; ready: Ready }> => {
    const args = ['--import', 'tsx', 'src/testing/yz7/main.ts', '--idc', 'bc', '--name', 'yz7-bc', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the gateway ended with ${code} before it was ready`)));
    });
    return { child, ready: JSON.parse(line) as Ready };
  };

  const flagsFor = (ready?: Ready): string[] => [
    '--store',
    join(dir, 'store'),
    '--token-file',
    join(dir, 'token'),
    ...(ready ? ['--admin-port', new URL(ready.adminUrl).port, '--data-port', new URL(ready.dataUrl).port] : []),
  ];

  const clientOf = ({ adminUrl, token = 'secret' }: Ready): Gateway =>
    createYz7Gateway({ name: 'yz7-bc', idc: 'bc', url: adminUrl, token });

  it.each(['SIGTERM', 'SIGINT'] as const)('says that it is ready on one line and ends on %s with 0', async (signal) => {
    const { child, ready } = await start();
    const client = clientOf(ready);
    expect((await client.status()).storeId).toBe(ready.storeId);
    await client.close();
    child.kill(signal);
    expect(await ended(child)).toBe(0);
  });

  it('does not repeat a token that it was given', async () => {
    const { ready } = await start(...flagsFor());
    expect(ready.token).toBeUndefined();
  });

  it('says in one line why it can not start', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'src/testing/yz7/main.ts', '--idc', 'bc', '--name', 'g', '--token-file', join(dir, 'none')],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    children.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await ended(child)).toBe(1);
    expect(said).toMatch(/^yz7-gateway: ENOENT.*none'\n$/);
  });

  it('has everything that it acknowledged after kill -9 in the middle of writes', async () => {
    let { child, ready } = await start(...flagsFor());
    const { storeId } = ready;
    const client = clientOf(ready);
    const upstreams = ['a.http', 'b.http', 'c.http', 'd.http'];
    /** upstream -> the last generation that was acknowledged, and the last one that was sent. */
    const acknowledged = new Map<string, number>();
    const sent = new Map<string, number>();
    const serversOf = (generation: number) =>
      Array.from({ length: (generation % 5) + 20 }, (_, index) => serverAt(index + 1, { uid: `g-${generation}` }));
    await client.claim(source, { generation: '1', writer: 'test' });
    for (let round = 0; round < 3; round += 1) {
      const killAfter = acknowledged.size === 0 ? 40 : Math.ceil(Math.random() * 120);
      let answers = 0;
      const write = async (upstream: string): Promise<void> => {
        for (;;) {
          const generation = (sent.get(upstream) ?? 0) + 1;
          sent.set(upstream, generation);
          try {
            await client.putSource({
              upstream,
              source,
              generation: String(generation),
              servers: serversOf(generation),
            });
          } catch (error) {
            if (isGatewayError(error, 'UNREACHABLE')) return;
            throw error;
          }
          acknowledged.set(upstream, generation);
          answers += 1;
          if (answers === killAfter) child.kill('SIGKILL');
        }
      };
      await Promise.all(upstreams.map(write));
      expect(await ended(child)).toBe('SIGKILL');
      ({ child, ready } = await start(...flagsFor(ready)));
      expect(ready.storeId).toBe(storeId);
      for (const upstream of upstreams) {
        const content = await client.readSource(upstream, source);
        const generation = Number(content?.generation);
        // What was sent and not acknowledged may be there or not, but whole.
        expect(generation).toBeGreaterThanOrEqual(acknowledged.get(upstream)!);
        expect(generation).toBeLessThanOrEqual(sent.get(upstream)!);
        expect(content?.digest).toBe(digestOf(serversOf(generation)));
      }
      const { workers, applied } = await client.status();
      expect(applied).toBe(true);
      expect(new Set(workers.map(({ appliedRevision }) => appliedRevision)).size).toBe(1);
    }
    await client.close();
  });

  it('keeps the contract of durability through a real kill -9', async () => {
    let { child, ready } = await start(...flagsFor());
    for (const { section, run } of yz7Contract.filter(({ section }) => section === 'durability')) {
      const result = await run({
        adminUrl: ready.adminUrl,
        token: 'secret',
        idc: 'bc',
        restart: async () => {
          child.kill('SIGKILL');
          await ended(child);
          ({ child, ready } = await start(...flagsFor(ready)));
        },
      });
      expect([section, result]).toEqual(['durability', 'passed']);
    }
  });
});
