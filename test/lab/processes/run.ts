import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { LabError } from '../lab-error.js';

export interface RunOptions {
  readonly networkNamespace?: string;
  readonly deadlineMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

const commandIn = (command: readonly string[], networkNamespace: string | undefined): readonly [string, string[]] => {
  const [program = '', ...args] =
    networkNamespace === undefined ? command : ['nsenter', `--net=${networkNamespace}`, '--', ...command];
  return [program, args];
};

const failed = (command: readonly string[], error: unknown): LabError => {
  const { stderr } = error as { readonly stderr?: string };
  const said = stderr === undefined || stderr === '' ? (error as Error).message : stderr.trim();
  return new LabError(`${command.slice(0, 6).join(' ')}: ${said}`, undefined, { cause: error });
};

/** Runs a command to its end and gives its stdout; throws with its stderr. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { networkNamespace, deadlineMs = 30_000, env } = options;
  try {
    const { stdout } = await promisify(execFile)(...commandIn(command, networkNamespace), {
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
      env: env ?? process.env,
    });
    return stdout;
  } catch (error) {
    throw failed(command, error);
  }
}

/** The same, blocking, with an input: for a process that is about to exit. */
export function runSync(command: readonly string[], input = '', networkNamespace?: string): string {
  try {
    return execFileSync(...commandIn(command, networkNamespace), {
      input,
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw failed(command, error);
  }
}
