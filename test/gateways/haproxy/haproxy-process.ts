// A real HAProxy on loopback, with a folder of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createHaproxyGateway, type Gateway, type HaproxyGatewayOptions } from '../../../src/gateways/index.js';

const startWithinMs = 10_000;

/** True when the tests must be skipped: printed with the reason, and never in CI. */
export function isHaproxyMissing(): boolean {
  const { status } = spawnSync('haproxy', ['-v'], { stdio: 'ignore' });
  if (status !== 0) console.warn('haproxy is not installed: apt-get install -y haproxy');
  return status !== 0 && process.env['CI'] !== 'true';
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export class HaproxyProcess {
  readonly socket: string;
  readonly tcpSocket: string;
  readonly map: string;
  readonly url: string;
  readonly #folder: string;
  readonly #processes: ChildProcess[] = [];
  readonly #gateways: Gateway[] = [];

  private constructor(folder: string, port: number, adminPort: number) {
    this.#folder = folder;
    this.socket = join(folder, 'admin.sock');
    this.tcpSocket = `127.0.0.1:${adminPort}`;
    this.map = join(folder, 'youzan.map');
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** With these backends; a request goes to the one that its Host names. */
  static start(backends: readonly string[], extra = ''): Promise<HaproxyProcess> {
    return HaproxyProcess.startWith((haproxy) => haproxy.#configuration(backends, extra));
  }

  /** With a configuration of one's own. */
  static async startWith(configuration: (haproxy: HaproxyProcess) => string): Promise<HaproxyProcess> {
    const haproxy = new HaproxyProcess(mkdtempSync(join(tmpdir(), 'haproxy-')), await freePort(), await freePort());
    writeFileSync(haproxy.map, '');
    writeFileSync(haproxy.#config, configuration(haproxy));
    await haproxy.#run();
    return haproxy;
  }

  open(options: Partial<HaproxyGatewayOptions> = {}): Gateway {
    const gateway = createHaproxyGateway({
      name: 'haproxy-bc',
      idc: 'bc',
      socket: this.socket,
      map: this.map,
      ...options,
    });
    this.#gateways.push(gateway);
    return gateway;
  }

  /** Kills it without warning and starts it again. */
  async restart(): Promise<void> {
    await this.#kill();
    await this.#run();
  }

  /** A new process takes over, as with `systemctl reload`; the old one ends what it has begun. */
  async reload(): Promise<void> {
    await this.#run(['-sf', String(this.#processes.at(-1)?.pid)]);
  }

  /** Stops the whole process, every thread of it; gives the way back. */
  async pause(): Promise<() => void> {
    const process = this.#processes.at(-1);
    process?.kill('SIGSTOP');
    const tasks = `/proc/${process?.pid}/task`;
    const isStopped = (task: string): boolean => / T /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    while (!readdirSync(tasks).every(isStopped)) await delay(5);
    return () => void process?.kill('SIGCONT');
  }

  /** What the socket answers to one command, without the library. */
  async ask(command: string): Promise<string> {
    const socket = net.connect(this.socket);
    socket.end(`${command}\n`);
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
    return text.trim();
  }

  async stop(): Promise<void> {
    for (const gateway of this.#gateways) await gateway.close();
    await this.#kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #config(): string {
    return join(this.#folder, 'haproxy.cfg');
  }

  async #run(args: readonly string[] = []): Promise<void> {
    const process = spawn('haproxy', ['-db', '-f', this.#config, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#processes.push(process);
    let said = '';
    for (const stream of [process.stdout, process.stderr])
      stream.on('data', (chunk: Buffer) => (said += String(chunk)));
    const deadline = performance.now() + startWithinMs;
    while (!(await this.#answers(process))) {
      if (process.exitCode !== null || performance.now() > deadline) throw new Error(`haproxy did not start: ${said}`);
      await delay(20);
    }
  }

  async #answers(process: ChildProcess): Promise<boolean> {
    const info = await this.ask('show info').catch(() => '');
    return new RegExp(`^Pid: ${process.pid}$`, 'm').test(info);
  }

  async #kill(): Promise<void> {
    for (const process of this.#processes.splice(0)) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
  }

  #configuration(backends: readonly string[], extra: string): string {
    const port = new URL(this.url).port;
    return `
global
  stats socket ${this.socket} mode 600 level admin
  stats socket ipv4@${this.tcpSocket} level admin
  stats socket ${this.socket}.user mode 600 level operator
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  option redispatch
  retry-on conn-failure
frontend public
  bind 127.0.0.1:${port}
  http-request set-var(txn.youzan) str(none),map(${this.map}) if FALSE
  use_backend %[req.hdr(host)]
${backends.map((name) => `backend ${name}\n  balance roundrobin\n`).join('')}${extra}`;
  }
}
