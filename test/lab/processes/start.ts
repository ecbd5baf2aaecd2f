import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { LabError } from '../lab-error.js';
import { identityOfChild, signalProcess, type ProcessIdentity } from './identity.js';

export interface ProcessSpec {
  /** `bc-a kube-apiserver`. */
  readonly name: string;
  readonly command: readonly string[];
  /** Gets stdout and stderr, appended. */
  readonly logFile: string;
  /** The network namespace it runs in; default the host's. */
  readonly networkNamespace?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A running process of the lab. */
export interface LabProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly logFile: string;
  /** `code 1` or `SIGKILL`; undefined while it runs. */
  ended(): string | undefined;
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once and resolves when it is reaped. */
  kill(): Promise<void>;
  lastLines(count?: number): string;
}

export function lastLinesOf(file: string, count: number): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

/** Starts a process that dies with this one, whatever ends it, and that a terminal's Ctrl-C does not reach. */
export function startProcess(spec: ProcessSpec): LabProcess {
  const inNamespace = spec.networkNamespace === undefined ? [] : ['nsenter', `--net=${spec.networkNamespace}`, '--'];
  const log = openSync(spec.logFile, 'a', 0o600);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...inNamespace, ...spec.command], {
    detached: true,
    stdio: ['ignore', log, log],
    env: spec.env ?? process.env,
  });
  closeSync(log);
  let end: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      end = error.message;
      resolve();
    });
    child.on('exit', (code, signal) => {
      end = signal ?? `code ${String(code)}`;
      resolve();
    });
  });
  const identity = child.pid === undefined ? undefined : identityOfChild(child.pid);
  if (identity === undefined) throw new LabError(`${spec.name} could not be started: ${spec.command.join(' ')}`);
  return {
    name: spec.name,
    identity,
    logFile: spec.logFile,
    ended: () => end,
    signal: (signal) => signalProcess(identity, signal),
    async kill() {
      signalProcess(identity, 'SIGKILL');
      await exited;
    },
    lastLines: (count = 15) => lastLinesOf(spec.logFile, count),
  };
}
