import { spawn } from 'node:child_process';
import { signalProcess } from './processes.js';
import { exitOf, type CommandOptions, type Exit } from './container-process.js';

export interface PodCommandOptions extends CommandOptions {
  /** Kills the command. */
  readonly signal: AbortSignal;
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
}

/** Output that a command's background children may still send after the command itself has ended. */
const drainMs = 100;

/** Runs a command beside a container's entrypoint, as `exec` does, and answers how it ended. */
export function runPodCommand(options: PodCommandOptions): Promise<Exit> {
  const { command, environment, workdir, signal } = options;
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    cwd: workdir,
    env: { ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Buffer) => options.stdout(chunk));
  child.stderr.on('data', (chunk: Buffer) => options.stderr(chunk));
  const kill = (): void => {
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
  };
  return new Promise<Exit>((resolve) => {
    let exit: Exit | undefined;
    let drained: NodeJS.Timeout | undefined;
    const finish = (): void => {
      signal.removeEventListener('abort', kill);
      clearTimeout(drained);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(exit ?? exitOf(null, null));
    };
    child.once('exit', (code, by) => {
      exit = exitOf(code, by);
      drained = setTimeout(finish, drainMs);
    });
    child.once('close', finish);
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      options.stderr(Buffer.from(`${error.message}\n`));
      exit = { code: 127, signal: undefined, startError: error.message, at: Date.now() };
      finish();
    });
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
  });
}

/** Keeps the last bytes of a command's output. */
export function outputTail(limitBytes: number): { take(chunk: Buffer): void; text(): string } {
  let kept = Buffer.alloc(0);
  return {
    take(chunk) {
      const all = Buffer.concat([kept, chunk]);
      kept = all.subarray(Math.max(0, all.length - limitBytes));
    },
    text: () => kept.toString('utf8').trim(),
  };
}
