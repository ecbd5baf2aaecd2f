import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { YouzanKubeError } from '../../conventions/index.js';

/** What the observer says of a period, or of the whole run. */
export interface ObserverReport {
  readonly name: string;
  readonly requests: number;
  readonly failed: number;
  /** The gateway's own count. */
  readonly retried: number;
  readonly seconds: number;
  readonly requestsPerSecond: number;
  /** Answers by pod UID. */
  readonly pods: Readonly<Record<string, number>>;
  readonly versions: Readonly<
    Record<string, { readonly requests: number; readonly firstMs: number; readonly lastMs: number }>
  >;
  readonly failures: readonly object[];
  readonly drained: readonly {
    readonly uid: string;
    readonly name: string;
    readonly cluster: string;
    readonly longRequestInFlight?: boolean;
  }[];
}

/** The observer's process: commands go in, one line each, answers come out, one line each. */
export class Observer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;
  #stopped: Promise<ObserverReport> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(script: string, config: object) {
    this.#process = spawn(process.execPath, [script, JSON.stringify(config)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A group of its own: a terminal's Ctrl-C is for the demo, which stops the load in its own order.
      detached: true,
    });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async start(): Promise<void> {
    await this.#ask('start');
  }

  /** Begins a new period and returns the figures of the one that ends. */
  async mark(name: string): Promise<ObserverReport> {
    return (await this.#ask(`mark ${name}`)) as ObserverReport;
  }

  async report(): Promise<ObserverReport> {
    return (await this.#ask('report')) as ObserverReport;
  }

  /** Ends the load, waits for what is in flight, and ends the process. */
  stop(): Promise<ObserverReport> {
    this.#stopped ??= this.#ask('stop').then(async (report) => {
      await this.kill();
      return report as ObserverReport;
    });
    return this.#stopped;
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  #ask(command: string): Promise<unknown> {
    const answer = this.#last.then(async () => {
      this.#process.stdin.write(`${command}\n`);
      const line = await Promise.race([
        this.#answers.next(),
        new Promise<undefined>((resolve) => setTimeout(resolve, 15_000, undefined).unref()),
      ]);
      if (line === undefined || line.done === true) {
        throw new YouzanKubeError('DEMO_OBSERVER', `the observer did not answer "${command}"`);
      }
      return JSON.parse(line.value) as unknown;
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
