import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** A program in plain JavaScript. */
export const plainScript = (file: URL): readonly string[] => [process.execPath, file.pathname];

/** The command of a program of this project. */
export const script = (file: URL): readonly string[] => [
  process.execPath,
  '--expose-gc',
  '--import',
  'tsx',
  file.pathname,
];

/** A program as a process of its own, with children perhaps, which a test can kill without a word. */
export class Child {
  readonly #command: readonly string[];
  #process: ChildProcessByStdio<null, Readable, null> | undefined;
  /** All that it said since it was started last. */
  said = '';

  constructor(command: readonly string[]) {
    this.#command = command;
  }

  get lines(): readonly string[] {
    return this.said.split('\n').filter((line) => line !== '');
  }

  /** Undefined when it was never started. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const [program = '', ...args] = this.#command;
    this.said = '';
    // It dies with the process that runs the test, however that ends.
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async kill(): Promise<void> {
    const ending = this.#process;
    if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    const children = childrenOf(ending.pid);
    // The parent first: it would replace its children.
    for (const pid of [ending.pid, ...children]) process.kill(pid, 'SIGKILL');
    await ended;
  }
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
