// The yz7 reference gateway, real nginx, as a test starts, hurts and ends it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../examples/yz7-nginx/start.sh', import.meta.url));
const deadlineMs = 15_000;

/** Debian package -> a file of it. */
const needed: Readonly<Record<string, string>> = {
  nginx: '/usr/sbin/nginx',
  'libnginx-mod-http-lua': '/usr/lib/nginx/modules/ngx_http_lua_module.so',
  'lua-resty-core': '/usr/share/lua/5.1/resty/core.lua',
  'lua-cjson': '/usr/lib/x86_64-linux-gnu/lua/5.1/cjson.so',
};

/** True when the tests must be skipped: printed with the reason, and never in CI. */
export function isNginxMissing(): boolean {
  const missing = Object.entries(needed).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  if (missing.length > 0) {
    console.warn(`the yz7 reference gateway does not run here: apt-get install -y ${missing.join(' ')}`);
  }
  return missing.length > 0 && process.env.CI !== 'true';
}

export interface WorkerStatus {
  readonly worker: string;
  readonly pid: number;
  readonly state: 'serving' | 'exiting';
  readonly appliedRevision: number;
}

/** Resolves with the first value that is not undefined. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const childrenOf = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
};

/** The letter of /proc for a process's state; `X` when it is gone. */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

const isGone = async (pid: number): Promise<boolean> => ['X', 'Z'].includes(await stateOf(pid));

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Stops a process, and waits until it is: before, a connection may still be given to it. */
export async function pause(pid: number): Promise<void> {
  kill(pid, 'SIGSTOP');
  await eventually('the process stands still', async () => ((await stateOf(pid)) === 'T' ? true : undefined));
}

export const resume = (pid: number): void => kill(pid, 'SIGCONT');

export interface NginxYz7Options {
  readonly idc?: string;
  readonly workers?: number;
  readonly bodyLimitBytes?: number;
  /** More flags of start.sh. */
  readonly flags?: readonly string[];
}

/** One running instance in a folder of its own. */
export class NginxYz7 {
  static readonly token = 'suite-token';
  static readonly restricted = { token: 'restricted-token', prefix: 'vm.bc-' };
  readonly dir: string;
  readonly adminUrl: string;
  readonly dataUrl: string;
  readonly #flags: readonly string[];
  #master: ChildProcess | undefined;

  private constructor(dir: string, ports: readonly number[], options: NginxYz7Options) {
    this.dir = dir;
    this.adminUrl = `http://127.0.0.1:${ports[0]}`;
    this.dataUrl = `http://127.0.0.1:${ports[1]}`;
    const { idc = 'bc', workers = 2, bodyLimitBytes = 256 * 1024, flags = [] } = options;
    this.#flags = [
      ...['--idc', idc, '--tokens', join(dir, 'tokens.json'), '--dir', dir, '--workers', String(workers)],
      ...['--admin-port', String(ports[0]), '--data-port', String(ports[1])],
      ...['--body-limit', String(bodyLimitBytes), ...flags],
    ];
  }

  static async start(options: NginxYz7Options = {}): Promise<NginxYz7> {
    const dir = await mkdtemp(join(tmpdir(), 'yz7-nginx-'));
    const { token, restricted } = NginxYz7;
    const tokens = [
      { token, sources: ['*'] },
      { token: restricted.token, sources: [`${restricted.prefix}*`] },
    ];
    await writeFile(join(dir, 'tokens.json'), JSON.stringify(tokens));
    const gateway = new NginxYz7(dir, await freePorts(2), options);
    await gateway.run();
    return gateway;
  }

  get pid(): number {
    return this.#master?.pid ?? 0;
  }

  /** Starts it on its store and ports; resolves when it is ready. */
  async run(): Promise<void> {
    const master = spawn('sh', [script, ...this.#flags], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#master = master;
    let said = '';
    master.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await eventually('the gateway is ready', async () => {
      if (master.exitCode !== null) throw new Error(`the gateway ended with ${master.exitCode}: ${said}`);
      const reply = await fetch(`${this.adminUrl}/readyz`).catch(() => undefined);
      return reply?.status === 200 ? true : undefined;
    });
  }

  async workers(): Promise<readonly WorkerStatus[]> {
    const reply = await fetch(`${this.adminUrl}/admin/v1/status`, {
      headers: { authorization: `Bearer ${NginxYz7.token}`, connection: 'close' },
    });
    return ((await reply.json()) as { workers: WorkerStatus[] }).workers;
  }

  /** Kills master and workers at once, and waits until all are gone. */
  async killAll(): Promise<void> {
    const all = [this.pid, ...(await childrenOf(this.pid))];
    for (const pid of all) kill(pid, 'SIGKILL');
    await eventually('the gateway is gone', async () => {
      return (await Promise.all(all.map(isGone))).every(Boolean) ? true : undefined;
    });
  }

  /** Reads the configuration again, with other flags; resolves when the former workers are gone. */
  async reload(flags: readonly string[] = []): Promise<void> {
    const former = await childrenOf(this.pid);
    this.signalReload(flags);
    await eventually('the former workers are gone', async () => {
      return (await Promise.all(former.map(isGone))).every(Boolean) ? true : undefined;
    });
  }

  signalReload(flags: readonly string[] = []): void {
    const rendered = spawnSync('sh', [script, ...this.#flags, ...flags, '--render-only'], { encoding: 'utf8' });
    if (rendered.status !== 0) throw new Error(rendered.stderr);
    kill(this.pid, 'SIGHUP');
  }

  /** Stops one worker's process, as a machine under load does. */
  async stickWorker(): Promise<{ readonly worker: string; readonly release: () => Promise<void> }> {
    const worker = (await this.workers()).find(({ state }) => state === 'serving');
    if (worker === undefined) throw new Error('no worker serves');
    await pause(worker.pid);
    return {
      worker: worker.worker,
      release: () => {
        resume(worker.pid);
        return Promise.resolve();
      },
    };
  }

  /** Makes the store's files unreachable. */
  async loseStore(): Promise<() => Promise<void>> {
    const [store, away] = [join(this.dir, 'store'), join(this.dir, 'store-away')];
    await rename(store, away);
    await mkdir(store);
    return async () => {
      await rm(store, { recursive: true });
      await rename(away, store);
    };
  }

  log(): Promise<string> {
    return readFile(join(this.dir, 'run', 'error.log'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.killAll();
    await rm(this.dir, { recursive: true });
  }
}
