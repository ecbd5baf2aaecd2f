import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';

/** How a process ended. */
export interface Exit {
  /** Its own code, or 128 + n when signal n ended it. */
  readonly code: number;
  readonly signal: number | undefined;
  /** Why it could not be started at all. */
  readonly startError: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface ContainerProcess {
  /** 0 when the process could not be started. */
  readonly pid: number;
  readonly startedAt: number;
  readonly exited: Promise<Exit>;
}

export interface CommandOptions {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workdir: string;
}

export function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  const number = signal === null ? undefined : constants.signals[signal];
  return {
    code: number === undefined ? (code ?? 0) : 128 + number,
    signal: number,
    startError: undefined,
    at: Date.now(),
  };
}

const cannotStart = 128;

/** Starts a container's entrypoint in a session of its own; its output is appended to the log file. */
export function startContainerProcess({
  command,
  environment,
  workdir,
  logFile,
}: CommandOptions & { readonly logFile: string }): ContainerProcess {
  const [file = '', ...args] = command;
  const log = openSync(logFile, 'a');
  const child = spawn(file, args, { cwd: workdir, env: environment, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve(exitOf(code, signal)));
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      resolve({ code: cannotStart, signal: undefined, startError: error.message, at: Date.now() });
    });
  });
  return { pid: child.pid ?? 0, startedAt: Date.now(), exited };
}
