// Runs generated scripts for real: each in a folder of its own, under each shell that this machine has.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseState, type StateLine } from '../../src/rich-container/index.js';

export interface Shell {
  readonly name: string;
  readonly command: readonly string[];
}

/** The full path of a program, or undefined. */
export function which(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

const wanted: readonly Shell[] = [
  { name: 'dash', command: ['dash'] },
  { name: 'bash', command: ['bash'] },
  { name: 'busybox', command: ['busybox', 'sh'] },
];
export const shells = wanted.flatMap(({ name, command: [program = '', ...args] }) => {
  const path = which(program);
  return path === undefined ? [] : [{ name, command: [path, ...args] }];
});
for (const { name } of wanted) {
  if (!shells.some((shell) => shell.name === name)) console.warn(`skipped under ${name}: it is not on this machine`);
}

/** True when a script can run here as PID 1 of a namespace of its own. */
export const canUnshare = ((): boolean => {
  try {
    execFileSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped as PID 1: this machine does not allow a pid namespace');
    return false;
  }
})();

export async function waitUntil<T>(what: string, get: () => T | false | undefined, deadlineMs = 10_000): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const value = get();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > until) throw new Error(`no ${what} within ${deadlineMs} ms`);
    await delay(10);
  }
}

/** A folder with links to these programs and nothing else, to be a PATH. */
export function toolFolder(folder: string, programs: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name));
  return folder;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly pid1?: boolean;
  /** Runs as PID 1 first, and has the rest as its arguments, `exec "$@"`. Default: nothing. */
  readonly before?: string;
}

/** What a pod is for its scripts: folders, files and variables. */
export class Pod {
  readonly folder = mkdtempSync(join(tmpdir(), 'youzan-pod-'));
  readonly stateDir = join(this.folder, 'state');
  readonly traceFile = join(this.folder, 'trace');
  readonly terminationLog = join(this.folder, 'termination-log');
  readonly stdoutFile = join(this.folder, 'stdout');
  readonly uid = basename(this.folder);
  readonly #children: ChildProcess[] = [];

  constructor(readonly shell: Shell) {}

  env(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      DIR: this.folder,
      POD_UID: this.uid,
      YOUZAN_STATE_DIR: this.stateDir,
      YOUZAN_TRACE: this.traceFile,
      YOUZAN_TERMINATION_LOG: this.terminationLog,
      YOUZAN_STDOUT: this.stdoutFile,
      ...extra,
    };
  }

  /** Starts a script; `exit` settles with the code that a container would show. */
  start(script: string, { env = {}, pid1 = false, before }: StartOptions = {}): Running {
    const around = [
      ...(pid1 ? ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] : []),
      ...(before === undefined ? [] : ['sh', '-c', before, 'sh']),
    ];
    const [program, ...args] = [...around, ...this.shell.command, '-c', script];
    const child = spawn(program, args, { env: this.env(env), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    return new Running(child, pid1);
  }

  read(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** The trace as `who event`. */
  trace(): string[] {
    return this.read('trace')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('|').slice(1).join(' '));
  }

  async traced(event: string, deadlineMs?: number): Promise<void> {
    await waitUntil(`"${event}" in ${this.folder}/trace`, () => this.trace().includes(event), deadlineMs);
  }

  state(): StateLine[] {
    return parseState(this.read('state/state'));
  }

  lineOf(name: string): StateLine | undefined {
    return this.state().find((line) => line.name === name);
  }

  /** Processes of this pod that are still there. */
  processes(): string[] {
    return readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`POD_UID=${this.uid}\0`);
      } catch {
        return false;
      }
    });
  }

  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const pid of this.processes()) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Running {
  stdout = '';
  stderr = '';
  readonly exit: Promise<number>;

  constructor(
    readonly child: ChildProcess,
    readonly pid1: boolean,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exit = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128)));
    });
  }

  /** The entrypoint's pid as this machine counts, whatever it is in its namespace. */
  get pid(): number {
    const { pid = 0 } = this.child;
    if (!this.pid1) return pid;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }
}
