// A real etcd on loopback, where the lab's binaries are built: elsewhere the tests that need it are skipped.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { locateBinaries } from '../../lab/binaries/locate.js';

function etcdCommand(): readonly string[] | undefined {
  try {
    return locateBinaries().etcd;
  } catch (error) {
    console.warn(`skipped on a real etcd: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

const command = etcdCommand();
export const hasEtcd = command !== undefined;

export interface Etcd {
  readonly endpoint: string;
  /** A request of the JSON gateway. */
  ask(path: string, body: object): Promise<unknown>;
  /** What stands under a key, `undefined` for nothing. */
  read(key: string): Promise<unknown>;
  /** What stood there before that. */
  readFormer(key: string): Promise<unknown>;
  /** The lease of a key. */
  leaseOf(key: string): Promise<string | undefined>;
  start(): Promise<void>;
  kill(): Promise<void>;
  dispose(): Promise<void>;
}

interface Range {
  readonly kvs?: readonly { readonly value: string; readonly lease?: string; readonly mod_revision: string }[];
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Its data stays from one start to the next. Default host: loopback. */
export async function createEtcd(host = '127.0.0.1'): Promise<Etcd> {
  const folder = mkdtempSync(join(tmpdir(), 'youzan-etcd-'));
  const endpoint = `http://${host}:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const [program = '', ...words] = command ?? [];
  const membership = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`];
  const listen = ['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint, '--listen-peer-urls', peer];
  const quick = ['--unsafe-no-fsync', '--log-level', 'error'];
  let child: ChildProcess | undefined;

  async function ask(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${endpoint}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  }
  const range = async (key: string, at = {}): Promise<NonNullable<Range['kvs']>[number] | undefined> =>
    ((await ask('kv/range', { key: base64(key), ...at })) as Range).kvs?.[0];
  const valueOf = (found: { readonly value: string } | undefined): unknown =>
    found && (JSON.parse(Buffer.from(found.value, 'base64').toString()) as unknown);

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  return {
    endpoint,
    ask,
    read: async (key) => valueOf(await range(key)),
    async readFormer(key) {
      const { mod_revision: revision = '1' } = (await range(key)) ?? {};
      return valueOf(await range(key, { revision: String(BigInt(revision) - 1n) }));
    },
    leaseOf: async (key) => (await range(key))?.lease,
    async start() {
      child = spawn(program, [...words, '--data-dir', join(folder, 'data'), ...membership, ...listen, ...quick], {
        stdio: 'ignore',
      });
      const until = Date.now() + 20_000;
      for (;;) {
        const healthy = await fetch(`${endpoint}/health`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (healthy) return;
        if (Date.now() > until) throw new Error(`etcd at ${endpoint} is not healthy within 20 s`);
        await delay(50);
      }
    },
    kill,
    async dispose() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
