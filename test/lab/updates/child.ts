import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** A program of this project as a process of its own, which a test can kill without a word. */
export class Child {
  readonly #script: string;
  readonly #args: readonly string[];
  #process: ChildProcessByStdio<null, Readable, null> | undefined;
  /** All that it said since it was started last. */
  said = '';

  constructor(script: URL, args: readonly string[]) {
    this.#script = script.pathname;
    this.#args = args;
  }

  get lines(): readonly string[] {
    return this.said.split('\n').filter((line) => line !== '');
  }

  /** Undefined when it was never started. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    this.said = '';
    this.#process = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', this.#script, ...this.#args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  async kill(): Promise<void> {
    const ending = this.#process;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill('SIGKILL');
    await ended;
  }
}
